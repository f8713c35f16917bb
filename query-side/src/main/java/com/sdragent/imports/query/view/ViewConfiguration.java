package com.sdragent.imports.query.view;

import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.Notifications;
import com.sdragent.imports.loops.Loops;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.SQLExceptionTranslator;
import org.springframework.jdbc.support.SQLStateSQLExceptionTranslator;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/** Wires the read model: its projection and the GET routes. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ViewProperties.class)
// A single statement needs no transaction, whose rollback would fail with a lost connection and
// hide why.
@EnableJpaRepositories(considerNestedRepositories = true, enableDefaultTransactions = false)
@EntityScan
public class ViewConfiguration {
  private static final Duration LONGEST_WAIT_FOR_A_TURN = Duration.ofSeconds(5);

  /** Hibernate takes a server that shuts down for a fault of the statement. */
  @Bean
  SQLExceptionTranslator sqlExceptionTranslator() {
    return new SQLStateSQLExceptionTranslator();
  }

  @Bean
  ProjectionProgress projectionProgress() {
    return new ProjectionProgress();
  }

  @Bean
  LongPollsEnd longPollsEnd(ProjectionProgress progress) {
    return new LongPollsEnd(progress);
  }

  @Bean
  ParkedEvents parkedEvents(JdbcTemplate jdbc) {
    return new ParkedEvents(jdbc);
  }

  @Bean
  ImportProjection importProjection(
      JdbcTemplate jdbc,
      PlatformTransactionManager transactions,
      EventLog log,
      ParkedEvents parked,
      ViewProperties properties) {
    return new ImportProjection(
        jdbc, new TransactionTemplate(transactions), log, parked, properties.batchSize());
  }

  @Bean
  Projector projector(
      ImportProjection projection,
      ProjectionProgress progress,
      ViewProperties properties,
      Notifications notifications,
      Loops loops,
      MeterRegistry metrics) {
    return new Projector(
        projection, progress, properties.lookAgain(), notifications, loops, metrics);
  }

  @Bean
  ImportReads importReads(
      JdbcTemplate jdbc,
      EventLog log,
      ParkedEvents parked,
      ProjectionProgress progress,
      ReadingTurns turns,
      ViewProperties properties) {
    var longPolls =
        new Seats("long polls", properties.longPolls(), properties.longPollsPerOrganization());
    return new ImportReads(
        jdbc,
        log,
        parked,
        progress,
        properties.maxWait(),
        properties.lookAgain(),
        turns,
        longPolls);
  }

  @Bean
  ReadingTurns readingTurns(ViewProperties properties) {
    // Those who want little share the processors with these looks.
    int atOnce = Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 4);
    return new ReadingTurns(
        atOnce,
        LONGEST_WAIT_FOR_A_TURN,
        new Seats(
            "long answers", properties.longAnswers(), properties.longAnswersPerOrganization()));
  }

  @Bean
  JsonArrays jsonArrays(JsonMapper json, ReadingTurns turns, ViewProperties properties) {
    return new JsonArrays(json, turns, properties.listChunk());
  }

  @Bean
  ImportLists importLists(ImportViews.Even even, ImportViews.Odd odd, ImportReads reads) {
    return new ImportLists(even, odd, reads);
  }

  @Bean
  ImportQueryController importQueryController(
      ImportReads reads, ImportLists lists, JsonArrays arrays, PastReads past) {
    return new ImportQueryController(reads, lists, arrays, past);
  }

  @Bean
  ParkedEventsController parkedEventsController(
      ParkedEvents parked, ImportProjection projection, JsonArrays arrays) {
    return new ParkedEventsController(parked, projection, arrays);
  }

  @Bean
  ProjectionHealth projectionHealthIndicator(
      Projector projector, ImportReads reads, ParkedEvents parked) {
    return new ProjectionHealth(projector, reads, parked);
  }

  @Bean
  MeterBinder projectionMetrics(
      ImportReads reads, ReadingTurns turns, ParkedEvents parked, JdbcTemplate jdbc) {
    return registry -> {
      Gauge.builder("imports.projection.lag.events", reads, r -> r.positions().lag())
          .description("Stored events that the read model does not show yet")
          .register(registry);
      Gauge.builder("imports.projection.lag.seconds", jdbc, ViewConfiguration::lagSeconds)
          .description("Age of the oldest event that the read model does not show yet")
          .baseUnit("seconds")
          .register(registry);
      Gauge.builder("imports.reads.long.polls", reads, ImportReads::longPolls)
          .description("GETs of this node that wait for a status")
          .register(registry);
      Gauge.builder("imports.reads.long.answers", turns, ReadingTurns::seatsTaken)
          .description("Answers of this node that last or work long, streams too")
          .register(registry);
      Gauge.builder("imports.projection.parked.events", parked, ParkedEvents::count)
          .description("Events that the read model could not take, and those that wait behind them")
          .register(registry);
    };
  }

  private static double lagSeconds(JdbcTemplate jdbc) {
    Double age =
        jdbc.queryForObject(
            """
            select coalesce((select extract(epoch from clock_timestamp() - occurred_at)
                             from domain_event where position = %s + 1), 0)::float8
            """
                .formatted(ProjectionPosition.LAST),
            Double.class);
    return age == null ? 0 : age;
  }
}
