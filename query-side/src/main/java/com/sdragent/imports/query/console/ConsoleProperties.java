package com.sdragent.imports.query.console;

import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The console.
 *
 * @param commandUrl where browsers reach the command side when that is not where they reach the
 *     console, such as {@code https://commands.example/}; null for the same place
 */
@ConfigurationProperties("imports.console")
record ConsoleProperties(@Nullable String commandUrl) {

  ConsoleProperties {
    if (commandUrl != null && origin(commandUrl) == null) {
      throw new IllegalArgumentException(
          "imports.console.command-url must be the address of the command side: set it to one such"
              + " as https://commands.example/, or leave it out when a gateway serves both sides");
    }
  }

  /** The origin that the page may ask beside its own; null when it asks no other. */
  @Nullable String commandOrigin() {
    return commandUrl == null ? null : origin(commandUrl);
  }

  private static @Nullable String origin(String address) {
    try {
      URI uri = new URI(address);
      boolean isHttp = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      boolean isPlain =
          uri.getRawUserInfo() == null && uri.getRawQuery() == null && uri.getRawFragment() == null;
      if (!isHttp || uri.getHost() == null || !isPlain) return null;
      return uri.getScheme()
          + "://"
          + uri.getHost()
          + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
    } catch (URISyntaxException e) {
      return null;
    }
  }
}
