package com.sdragent.imports.query.history;

import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.Notifications;
import com.sdragent.imports.eventstore.Timelines;
import com.sdragent.imports.eventstore.VisibleLog;
import com.sdragent.imports.loops.Loops;
import com.sdragent.imports.query.imports.PastReads;
import com.sdragent.imports.query.web.JsonArrays;
import com.sdragent.imports.query.web.ReadingTurns;
import com.sdragent.imports.web.Failures;
import io.micrometer.core.instrument.Counter;
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
  FeedTail feedTail(
      EventLog log,
      Timelines timelines,
      Notifications notifications,
      Loops loops,
      MeterRegistry metrics) {
    var tail = new FeedTail(log, timelines, notifications, loops);
    Gauge.builder("imports.feed.streams", tail, FeedTail::followers)
        .description("Feeds that this node streams")
        .register(metrics);
    return tail;
  }

  @Bean
  FeedStreams feedStreams(
      JsonMapper json,
      Failures failures,
      FeedTail tail,
      ReadingTurns turns,
      HistoryProperties properties,
      MeterRegistry metrics) {
    Counter written =
        Counter.builder("imports.feed.events")
            .description("Events that this node wrote to streams")
            .register(metrics);
    return new FeedStreams(
        json, failures, tail, turns, properties.heartbeat(), properties.streamLifetime(), written);
  }

  @Bean
  PastReads pastReads(VisibleLog log, ReadingTurns turns, JsonArrays arrays) {
    return new FoldedReads(log, turns, arrays);
  }

  @Bean
  HistoryController historyController(
      VisibleLog log, Timelines timelines, JsonArrays arrays, FeedStreams streams) {
    return new HistoryController(log, timelines, arrays, streams);
  }

  @Bean
  DifferenceController differenceController(VisibleLog log, JsonArrays arrays) {
    return new DifferenceController(log, arrays);
  }
}
