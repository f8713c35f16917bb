package com.sdragent.imports.query.summary;

import com.sdragent.imports.eventstore.sessions.VisibleRows;
import com.sdragent.imports.query.projection.Projections;
import com.sdragent.imports.query.web.ReadingTurns;
import java.util.Optional;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

/** Wires the summary: its projection and its route. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(SummaryConfiguration.SummaryProperties.class)
public class SummaryConfiguration {

  /**
   * Whether there is a summary.
   *
   * @param enabled if not, this node counts nothing and its route answers 404
   */
  @ConfigurationProperties("imports.query.summary")
  record SummaryProperties(@DefaultValue("true") boolean enabled) {}

  @Bean
  SummaryController summaryController(Optional<SummaryReads> reads, ReadingTurns turns) {
    return new SummaryController(reads, turns);
  }

  /** What is left out when it is switched off. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnBooleanProperty(name = "imports.query.summary.enabled", matchIfMissing = true)
  static class Enabled {

    @Bean
    SummaryProjection summaryProjection(JdbcTemplate jdbc) {
      return new SummaryProjection(jdbc);
    }

    @Bean
    SummaryReads summaryReads(
        VisibleRows visible, Projections projections, SummaryProjection projection) {
      return new SummaryReads(visible, projections.lists(projection));
    }
  }
}
