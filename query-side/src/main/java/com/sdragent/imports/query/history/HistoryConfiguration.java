package com.sdragent.imports.query.history;

import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.Notifications;
import com.sdragent.imports.query.view.JsonArrays;
import com.sdragent.imports.query.view.ReadingTurns;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

/** Wires the routes into the past. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(HistoryProperties.class)
public class HistoryConfiguration {

  @Bean
  FeedStreams feedStreams(
      JsonMapper json,
      EventLog log,
      ReadingTurns turns,
      Notifications notifications,
      HistoryProperties properties,
      MeterRegistry metrics) {
    return new FeedStreams(
        json,
        log,
        turns,
        notifications,
        properties.heartbeat(),
        properties.streamLifetime(),
        metrics);
  }

  @Bean
  HistoryController historyController(EventLog log, JsonArrays arrays, FeedStreams streams) {
    return new HistoryController(log, arrays, streams);
  }
}
