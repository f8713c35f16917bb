package com.sdragent.imports.command.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.command.CommandService;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.ImportStatus;
import java.time.Instant;
import java.util.UUID;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

class SnapshotsIT {
  private static final Instant NOON = Instant.parse("2024-10-06T12:00:00Z");

  @Test
  void an_import_with_many_events_is_loaded_from_its_last_snapshot_and_is_the_same() {
    try (var service = new CommandService()) {
      var commands = service.bean(CommandGateway.class);
      var jdbc = service.bean(JdbcTemplate.class);
      var id = UUID.randomUUID();
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
                      .satisfies(sequence -> assertThat(sequence).isGreaterThanOrEqualTo(199)));
      // Nothing but the snapshot can tell what happened before it now.
      jdbc.update(
          "update domain_event set payload = '{}' where aggregate_id = ? and sequence_number < 100",
          id);
      Active after = update(commands, id, 1000);
      assertThat(after.totalRows()).isEqualTo(1000);
      assertThat(after.source()).isEqualTo("web_hook");
      assertThat(after.fileName()).isEqualTo("a.csv");
      assertThat(after.createdAt()).isEqualTo(NOON);
    }
  }

  private static Active update(CommandGateway commands, UUID id, long rows) {
    return commands.sendAndWait(
        new UpdateImport(
            id,
            CommandService.ORGANIZATION,
            Change.keep(),
            null,
            Change.keep(),
            null,
            rows,
            NOON.plusSeconds(rows)));
  }
}
