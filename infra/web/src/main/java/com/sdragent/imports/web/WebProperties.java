package com.sdragent.imports.web;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long a client may take to send a request, however steadily it drips, how long a node that
 * stops takes new ones, which pages may ask, and what is logged.
 *
 * @param headerTimeout from the first byte of a request to the end of its header
 * @param bodyTimeout from the end of the header to the end of the body
 * @param drainTime how long a node that is told to stop goes on taking requests, as long as they
 *     come; zero to stop at once
 * @param logRequests whether each request gets a line in the log
 * @param cors which pages of other origins browsers let ask
 */
@ConfigurationProperties("imports.web")
public record WebProperties(
    @DefaultValue("20s") Duration headerTimeout,
    @DefaultValue("20s") Duration bodyTimeout,
    @DefaultValue("10s") Duration drainTime,
    @DefaultValue("false") boolean logRequests,
    @DefaultValue Cors cors) {

  /** Spring waits no longer than 20 seconds. */
  private static final Duration LONGEST_DRAIN = Duration.ofSeconds(15);

  public WebProperties {
    require("header-timeout", headerTimeout);
    require("body-timeout", bodyTimeout);
    if (drainTime.isNegative() || drainTime.compareTo(LONGEST_DRAIN) > 0) {
      throw new IllegalArgumentException(
          "imports.web.drain-time must be between 0 and 15s: set it to a duration such as 10s");
    }
  }

  /**
   * Cross-origin requests (the Fetch standard's CORS). Cookies and other credentials that a browser
   * adds by itself are never allowed, since the service knows none.
   *
   * @param allowedOrigins the origins whose pages may ask, such as {@code https://app.example}, or
   *     {@code *} for all; none by default
   */
  public record Cors(@DefaultValue List<String> allowedOrigins) {
    private static final String ALL = "*";
    private static final Pattern ORIGIN =
        Pattern.compile("https?://([a-z0-9._-]+|\\[[0-9a-f:.]+])(:[0-9]{1,5})?");
    private static final Pattern IMPLIED_PORT = Pattern.compile("http:.*:80|https:.*:443");

    public Cors {
      for (String origin : allowedOrigins) {
        if (!origin.equals(ALL) && !isOrigin(origin)) {
          throw new IllegalArgumentException(
              "imports.web.cors.allowed-origins has "
                  + origin
                  + ": set it to origins such as https://app.example or http://localhost:3000,"
                  + " in small letters, without a path and without :443 or :80, or to *");
        }
      }
    }

    /** As browsers write it: in small letters, without the port that the scheme implies. */
    private static boolean isOrigin(String text) {
      return ORIGIN.matcher(text).matches() && !IMPLIED_PORT.matcher(text).matches();
    }
  }

  private static void require(String name, Duration timeout) {
    if (timeout.toMillis() < 1 || timeout.toMillis() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "imports.web." + name + " must be between 1ms and 24d: set it to a duration such as 20s");
    }
  }
}
