package com.sdragent.imports.web;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long a client may take to send a request, however steadily it drips.
 *
 * @param headerTimeout from the first byte of a request to the end of its header
 * @param bodyTimeout from the end of the header to the end of the body
 */
@ConfigurationProperties("imports.web")
public record WebProperties(
    @DefaultValue("20s") Duration headerTimeout, @DefaultValue("20s") Duration bodyTimeout) {

  public WebProperties {
    require("header-timeout", headerTimeout);
    require("body-timeout", bodyTimeout);
  }

  private static void require(String name, Duration timeout) {
    if (timeout.toMillis() < 1 || timeout.toMillis() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "imports.web." + name + " must be between 1ms and 24d: set it to a duration such as 20s");
    }
  }
}
