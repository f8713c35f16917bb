package com.sdragent.imports.command.web;

import com.sdragent.imports.access.admin.Trail;
import com.sdragent.imports.command.publication.Relay;
import com.sdragent.imports.command.publication.RelayProperties;
import com.sdragent.imports.command.publication.parked.ParkedPublications;
import com.sdragent.imports.command.publication.replay.ReplayProperties;
import com.sdragent.imports.command.publication.replay.Replays;
import com.sdragent.imports.eventstore.OldAnswers;
import com.sdragent.imports.eventstore.PostgresEventStorageEngine;
import com.sdragent.imports.eventstore.TimeOrderedIds;
import com.sdragent.imports.loops.Loops;
import com.sdragent.imports.traces.Traces;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.axonframework.commandhandling.CommandBus;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.json.JsonMapper;

/**
 * Wires the controllers of POST, PUT, PATCH and DELETE and of the operators' requests about
 * publishing.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(CommandProperties.class)
public class CommandWebConfiguration {

  @Bean
  ImportCommandController importCommandController(
      CommandBus commandBus,
      PostgresEventStorageEngine store,
      CommandProperties properties,
      Traces traces,
      JsonMapper json) {
    return new ImportCommandController(
        new ImportCommands(commandBus, store, traces, properties.conflictTimeout()),
        TimeOrderedIds::next,
        Clock.systemUTC(),
        json);
  }

  @Bean
  OldAnswers oldAnswers(JdbcTemplate jdbc, Loops loops, MeterRegistry metrics) {
    return new OldAnswers(jdbc, loops, metrics);
  }

  @Bean
  ImportRequestReader importRequestReader() {
    return new ImportRequestReader();
  }

  @Bean
  ParkedPublicationController parkedPublicationController(
      ParkedPublications parked, RelayProperties properties, Trail trail) {
    return new ParkedPublicationController(parked, properties.timeout(), trail);
  }

  @Bean
  PublicationController publicationController(Relay relay, RelayProperties topics) {
    return new PublicationController(relay, topics);
  }

  @Bean
  ReplayController replayController(
      Replays replays, RelayProperties relay, ReplayProperties properties, Trail trail) {
    return new ReplayController(replays, relay, properties.eventsPerSecond(), trail);
  }

  @Bean
  AsyncApiController asyncApiController() {
    return new AsyncApiController();
  }
}
