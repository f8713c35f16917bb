package com.sdragent.imports.query.imports;

import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.query.imports.ImportReads.Seen;
import com.sdragent.imports.query.projection.CurrentReads;
import com.sdragent.imports.query.projection.ProjectionProperties;
import com.sdragent.imports.query.projection.Projections;
import com.sdragent.imports.query.projection.RunningProjection;
import com.sdragent.imports.query.web.JsonArrays;
import com.sdragent.imports.query.web.ReadingProperties;
import com.sdragent.imports.query.web.ReadingTurns;
import com.sdragent.imports.query.web.Seats;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.SQLExceptionTranslator;
import org.springframework.jdbc.support.SQLStateSQLExceptionTranslator;

/** Wires the read model of imports: its projection and the GET routes. */
@Configuration(proxyBeanMethods = false)
// A single statement needs no transaction, whose rollback would fail with a lost connection and
// hide why.
@EnableJpaRepositories(considerNestedRepositories = true, enableDefaultTransactions = false)
@EntityScan
public class ImportsConfiguration {

  /** Hibernate takes a server that shuts down for a fault of the statement. */
  @Bean
  SQLExceptionTranslator sqlExceptionTranslator() {
    return new SQLStateSQLExceptionTranslator();
  }

  @Bean
  ImportProjection importProjection(JdbcTemplate jdbc) {
    return new ImportProjection(jdbc);
  }

  @Bean
  CurrentReads<Seen> currentImports(
      Projections projections, ImportProjection projection, JdbcTemplate jdbc) {
    return projections.reads(projection, ImportReads.look(jdbc));
  }

  @Bean
  ImportReads importReads(
      CurrentReads<Seen> reads, EventLog log, Projections projections, ReadingTurns turns) {
    return new ImportReads(reads, log, running(projections).parked(), turns);
  }

  @Bean
  LongPolls longPolls(
      ImportReads reads,
      EventLog log,
      Projections projections,
      ProjectionProperties waits,
      ReadingProperties properties) {
    RunningProjection<?> running = running(projections);
    var seats =
        new Seats("long polls", properties.longPolls(), properties.longPollsPerOrganization());
    return new LongPolls(
        reads, log, running.parked(), running.progress(), waits.lookAgain(), seats);
  }

  @Bean
  LongPollsEnd longPollsEnd(Projections projections) {
    return new LongPollsEnd(running(projections).progress());
  }

  @Bean
  ImportLists importLists(
      ImportRowLists.Even even,
      ImportRowLists.Odd odd,
      Projections projections,
      ImportProjection projection) {
    return new ImportLists(even, odd, projections.lists(projection));
  }

  @Bean
  ImportQueryController importQueryController(
      ImportReads reads,
      LongPolls longPolls,
      ImportLists lists,
      JsonArrays arrays,
      PastReads past) {
    return new ImportQueryController(reads, longPolls, lists, arrays, past);
  }

  @Bean
  MeterBinder longPollMetrics(LongPolls longPolls) {
    return registry ->
        Gauge.builder("imports.reads.long.polls", longPolls, LongPolls::waiting)
            .description("GETs of this node that wait for a status")
            .register(registry);
  }

  private static RunningProjection<?> running(Projections projections) {
    return projections.named(ImportProjection.NAME).orElseThrow();
  }
}
