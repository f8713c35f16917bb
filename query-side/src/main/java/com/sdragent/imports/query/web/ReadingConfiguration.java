package com.sdragent.imports.query.web;

import com.sdragent.imports.web.Failures;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

/** Wires what every GET needs. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ReadingProperties.class)
public class ReadingConfiguration {
  private static final Duration LONGEST_WAIT_FOR_A_TURN = Duration.ofSeconds(5);

  @Bean
  ReadingTurns readingTurns(ReadingProperties properties) {
    // Requests that want little share the processors with these looks.
    int atOnce = Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 4);
    return new ReadingTurns(
        atOnce,
        LONGEST_WAIT_FOR_A_TURN,
        new Seats(
            "long answers", properties.longAnswers(), properties.longAnswersPerOrganization()));
  }

  @Bean
  JsonArrays jsonArrays(
      JsonMapper json, Failures failures, ReadingTurns turns, ReadingProperties properties) {
    return new JsonArrays(json, failures, turns, properties.listChunk());
  }

  @Bean
  MeterBinder readingMetrics(ReadingTurns turns) {
    return registry -> {
      Gauge.builder("imports.reads.long.answers", turns, ReadingTurns::seatsTaken)
          .description("Answers of this node that last or work long, streams too")
          .register(registry);
      FunctionCounter.builder("imports.reads.refused", turns, ReadingTurns::refused)
          .description("Answers that were refused because too many were under way")
          .tag("kind", "long_answers")
          .register(registry);
    };
  }
}
