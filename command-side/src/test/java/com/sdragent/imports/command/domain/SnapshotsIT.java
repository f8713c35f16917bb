package com.sdragent.imports.command.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.command.CommandService;
import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportStatus;
import com.sdragent.imports.testservers.TestPostgres;
import java.time.Instant;
import java.util.UUID;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

class SnapshotsIT {
  private static final Instant NOON = Instant.parse("2024-10-06T12:00:00Z");

  @Test
  void an_import_with_many_events_is_loaded_from_its_last_snapshot_and_is_the_same() {
    // Nothing from memory: each command loads what is stored.
    try (var service = new CommandService("--imports.aggregate.cache-size=0")) {
      var commands = service.bean(CommandGateway.class);
      var jdbc = service.bean(JdbcTemplate.class);
      var id = UUID.randomUUID();
      create(commands, id);
      for (int rows = 1; rows <= 250; rows++) update(commands, id, rows);

      await()
          .untilAsserted(
              () ->
                  assertThat(
                          jdbc.queryForList(
                              "select sequence_number from snapshot where aggregate_id = ?",
                              Long.class,
                              id))
                      .singleElement()
                      .satisfies(sequence -> assertThat(sequence).isGreaterThan(150)));
      // Nothing but the snapshot can tell what happened before it now.
      jdbc.update(
          "update domain_event set payload = '{}' where aggregate_id = ? and sequence_number < 100",
          id);
      DecidedImport after = update(commands, id, 1000);
      assertThat(after.state().totalRows()).isEqualTo(1000);
      assertThat(after.state().source()).isEqualTo("web_hook");
      assertThat(after.state().fileName()).isEqualTo("a.csv");
      assertThat(after.state().createdAt()).isEqualTo(NOON);
    }
  }

  @Test
  void a_snapshot_of_another_fold_is_not_read_and_is_replaced() {
    var database = TestPostgres.freshDatabase();
    var id = UUID.randomUUID();
    try (var service =
        new CommandService(database, "--imports.aggregate.events-between-snapshots=5")) {
      var commands = service.bean(CommandGateway.class);
      create(commands, id);
      for (int rows = 1; rows <= 20; rows++) update(commands, id, rows);
      await().until(() -> revision(service, id) == ImportState.REVISION);
      // As a version with another fold left it: what it says is wrong for this one.
      service
          .bean(JdbcTemplate.class)
          .update(
              "update snapshot set revision = revision + 1,"
                  + " payload = '{\"shape\": \"of another fold\"}'");
    }
    try (var service =
        new CommandService(database, "--imports.aggregate.events-between-snapshots=5")) {
      var commands = service.bean(CommandGateway.class);
      DecidedImport after = update(commands, id, 1000);
      assertThat(after.state().totalRows()).isEqualTo(1000);
      assertThat(after.state().source()).isEqualTo("web_hook");
      assertThat(after.state().createdAt()).isEqualTo(NOON);
      for (int rows = 1; rows <= 10; rows++) update(commands, id, 1000 + rows);
      await().until(() -> revision(service, id) == ImportState.REVISION);
    }
  }

  private static int revision(CommandService service, UUID id) {
    return service
        .bean(JdbcTemplate.class)
        .queryForList("select revision from snapshot where aggregate_id = ?", Integer.class, id)
        .stream()
        .findFirst()
        .orElse(0);
  }

  private static void create(CommandGateway commands, UUID id) {
    commands.sendAndWait(
        new CreateImport(
            id,
            CommandService.ORGANIZATION,
            null,
            SourceLabel.of("Web Hook"),
            "a.csv",
            ImportStatus.PENDING,
            0,
            NOON));
  }

  private static DecidedImport update(CommandGateway commands, UUID id, long rows) {
    return commands.sendAndWait(
        new UpdateImport(
            id,
            CommandService.ORGANIZATION,
            FieldUpdate.keep(),
            null,
            FieldUpdate.keep(),
            null,
            rows,
            NOON.plusSeconds(rows),
            _ -> true));
  }
}
