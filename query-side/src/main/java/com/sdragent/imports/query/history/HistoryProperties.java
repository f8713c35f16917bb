package com.sdragent.imports.query.history;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the feed is streamed.
 *
 * @param heartbeat the longest silence of a stream
 * @param streamLifetime how long a stream lasts
 */
@ConfigurationProperties("imports.query.feed")
record HistoryProperties(
    @DefaultValue("15s") Duration heartbeat, @DefaultValue("30m") Duration streamLifetime) {

  HistoryProperties {
    require(heartbeat, "heartbeat", "15s");
    require(streamLifetime, "stream-lifetime", "30m");
  }

  private static void require(Duration value, String name, String example) {
    if (value.isPositive()) return;
    throw new IllegalArgumentException(
        "imports.query.feed."
            + name
            + " must be positive: set it to a duration such as "
            + example);
  }
}
