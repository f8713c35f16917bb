package com.sdragent.imports.query.history;

import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.Notifications;
import com.sdragent.imports.query.view.JsonArrays;
import com.sdragent.imports.query.view.ReadingTurns;
import io.micrometer.core.instrument.Gauge;
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
  FeedTail feedTail(EventLog log, Notifications notifications, MeterRegistry metrics) {
    var tail = new FeedTail(log, notifications);
    Gauge.builder("imports.feed.streams", tail, FeedTail::followers)
        .description("Feeds that this node streams")
        .register(metrics);
    return tail;
  }

  @Bean
  FeedStreams feedStreams(
      JsonMapper json,
      EventLog log,
      FeedTail tail,
      ReadingTurns turns,
      HistoryProperties properties) {
    return new FeedStreams(
        json, log, tail, turns, properties.heartbeat(), properties.streamLifetime());
  }

  @Bean
  HistoryController historyController(EventLog log, JsonArrays arrays, FeedStreams streams) {
    return new HistoryController(log, arrays, streams);
  }
}
