package com.sdragent.imports.query.imports;

import com.sdragent.imports.eventstore.VisibleLog;
import com.sdragent.imports.eventstore.sessions.VisibleRows;
import com.sdragent.imports.query.imports.ImportReads.Seen;
import com.sdragent.imports.query.projection.CurrentReads;
import com.sdragent.imports.query.projection.ProjectionProperties;
import com.sdragent.imports.query.projection.Projections;
import com.sdragent.imports.query.projection.RunningProjection;
import com.sdragent.imports.query.web.JsonArrays;
import com.sdragent.imports.query.web.ReadingProperties;
import com.sdragent.imports.query.web.ReadingTurns;
import com.sdragent.imports.query.web.Seats;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

/** Wires the read model of imports: its projection and the GET routes. */
@Configuration(proxyBeanMethods = false)
public class ImportsConfiguration {

  @Bean
  ImportProjection importProjection(JdbcTemplate jdbc) {
    return new ImportProjection(jdbc);
  }

  @Bean
  CurrentReads<Seen> currentImports(
      Projections projections, ImportProjection projection, VisibleRows visible) {
    return projections.reads(projection, ImportReads.look(visible));
  }

  @Bean
  ImportReads importReads(
      CurrentReads<Seen> reads,
      VisibleLog log,
      VisibleRows visible,
      Projections projections,
      ReadingTurns turns) {
    return new ImportReads(reads, log, running(projections).parked(), visible, turns);
  }

  /** Of all who wait for an import, for a change as for a version. */
  @Bean
  Seats seatsOfThoseWhoWait(ReadingProperties properties) {
    return new Seats("long polls", properties.longPolls(), properties.longPollsPerOrganization());
  }

  @Bean
  LongPolls longPolls(
      ImportReads reads,
      VisibleLog log,
      VisibleRows visible,
      Projections projections,
      ProjectionProperties waits,
      Seats seats) {
    RunningProjection<?> running = running(projections);
    return new LongPolls(
        reads, log, running.parked(), visible, running.progress(), waits.lookAgain(), seats);
  }

  @Bean
  LaterVersions laterVersions(
      ImportReads reads, VisibleLog log, ProjectionProperties waits, Seats seats) {
    return new LaterVersions(reads, log, waits.maxWait(), seats);
  }

  @Bean
  LongPollsEnd longPollsEnd(Projections projections) {
    return new LongPollsEnd(running(projections).progress());
  }

  @Bean
  ImportLists importLists(
      VisibleRows visible, Projections projections, ImportProjection projection) {
    return new ImportLists(visible, projections.lists(projection));
  }

  @Bean
  ImportQueryController importQueryController(
      ImportReads reads,
      LongPolls longPolls,
      LaterVersions laterVersions,
      ImportLists lists,
      JsonArrays arrays,
      PastReads past) {
    return new ImportQueryController(reads, longPolls, laterVersions, lists, arrays, past);
  }

  @Bean
  MeterBinder longPollMetrics(Seats seatsOfThoseWhoWait) {
    return registry -> {
      Gauge.builder("imports.reads.long.polls", seatsOfThoseWhoWait, Seats::taken)
          .description("GETs of this node that wait for a status")
          .register(registry);
      FunctionCounter.builder("imports.reads.refused", seatsOfThoseWhoWait, Seats::refused)
          .description("Answers that were refused because too many were under way")
          .tag("kind", "long_polls")
          .register(registry);
    };
  }

  private static RunningProjection<?> running(Projections projections) {
    return projections.named(ImportProjection.NAME).orElseThrow();
  }
}
