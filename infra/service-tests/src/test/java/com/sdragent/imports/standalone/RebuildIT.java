package com.sdragent.imports.standalone;

import static com.sdragent.imports.standalone.RunningService.KEY;
import static com.sdragent.imports.standalone.RunningService.OPERATOR_KEY;
import static com.sdragent.imports.standalone.RunningService.ask;
import static com.sdragent.imports.standalone.RunningService.json;
import static com.sdragent.imports.standalone.RunningService.newImport;
import static com.sdragent.imports.standalone.RunningService.request;
import static com.sdragent.imports.standalone.RunningService.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;

/** The read model is built anew while it is read. */
class RebuildIT {
  private static final String REBUILD = "/admin/projections/imports/rebuild";

  private final JdbcTemplate jdbc = RunningService.owner();

  @Test
  void names_exactly_the_rows_that_were_not_what_the_events_say_and_mends_them() {
    // What others did to the rows is mended before.
    assertThat(operate("POST").statusCode()).isEqualTo(202);
    awaitEnd();
    String source = "rebuild_" + UUID.randomUUID().toString().replace("-", "");
    String changed = newImport(Map.of("source", source));
    String removed = newImport(Map.of("source", source, "total_rows", 3));
    ask("PUT", "/imports/" + removed, "{\"status\":\"failed\"}");
    String deleted = newImport(Map.of("source", source));
    ask("DELETE", "/imports/" + deleted);
    String before = ask("GET", "/imports/?source=" + source).body();
    String invented = UUID.randomUUID().toString();
    jdbc.update("update import_view set status = 'completed' where id = ?::uuid", changed);
    jdbc.update("delete from import_view where id = ?::uuid", removed);
    jdbc.update(
        "insert into import_view select ?::uuid, org_id, null, source, 'x', status, 9, created_at,"
            + " updated_at from import_view where id = ?::uuid",
        invented,
        changed);
    assertThat(ask("GET", "/imports/?source=" + source).body()).isNotEqualTo(before);

    HttpResponse<String> started = operate("POST");
    assertThat(started.statusCode()).isEqualTo(202);
    JsonNode done = awaitEnd();

    assertThat(done.get("state").stringValue()).as(done.toString()).isEqualTo("completed");
    assertThat(done.get("differences").intValue()).isEqualTo(3);
    assertThat(done.get("different_rows").valueStream().map(row -> row.get("id").stringValue()))
        .containsExactlyInAnyOrder(changed, removed, invented);
    assertThat(done.get("events_done")).isEqualTo(done.get("events_total"));
    // The planner knows the new table before it is asked about it.
    assertThat(
            jdbc.queryForObject(
                "select count(*) from pg_stats where tablename = 'import_row_'"
                    + " || (select generation % 2 from projection where name = 'imports')",
                Integer.class))
        .isPositive();
    assertThat(ask("GET", "/imports/?source=" + source).body()).isEqualTo(before);
    assertThat(ask("GET", "/imports/" + invented).statusCode()).isEqualTo(404);
    assertThat(ask("GET", "/imports/" + removed).statusCode()).isEqualTo(200);

    // And once more, back to the other table: nothing is left to mend.
    newImport(Map.of("source", source));
    assertThat(operate("POST").statusCode()).isEqualTo(202);
    assertThat(awaitEnd().get("differences").intValue()).isZero();
  }

  @Test
  void is_refused_while_one_runs_and_can_be_cancelled() throws SQLException {
    try (Connection reader = RunningService.bean(DataSource.class).getConnection()) {
      // Somebody reads through the view for long: the table that is to be filled cannot be emptied.
      reader.setAutoCommit(false);
      reader.createStatement().executeQuery("select count(*) from import_view").close();
      assertThat(operate("POST").statusCode()).isEqualTo(202);
      HttpResponse<String> second = operate("POST");
      assertThat(second.statusCode()).isEqualTo(409);
      assertThat(json(second).get("detail").stringValue()).isEqualTo("A rebuild is running");
      assertThat(json(operate("GET")).get("state").stringValue()).isEqualTo("running");
      String id = newImport(Map.of("source", "s"));
      assertThat(ask("GET", "/imports/" + id).statusCode()).isEqualTo(200);
      assertThat(ask("GET", "/imports/?limit=1").headers().firstValue("X-Projection-Lag"))
          .isEmpty();
      HttpResponse<String> cancelled = operate("DELETE");
      assertThat(cancelled.statusCode()).isEqualTo(200);
      assertThat(json(cancelled).get("state").stringValue()).isEqualTo("cancelled");
      assertThat(operate("DELETE").statusCode()).isEqualTo(404);
      reader.rollback();
    }
  }

  @Test
  void lets_the_projection_go_on_after_the_store_was_restored_to_an_earlier_point() {
    // The read model was made from events that the store no longer holds.
    jdbc.update(
        "insert into projection_position (name, batch, position, event_id)"
            + " select name, batch + 1, position + 1000, gen_random_uuid()"
            + " from projection_position where name = 'imports' order by batch desc limit 1");
    String id = newImport(Map.of("source", "restored"));
    assertThat(ask("GET", "/imports/" + id).statusCode()).isEqualTo(200);
    assertThat(ask("GET", "/imports/?limit=1").headers().firstValue("X-Projection-Lag"))
        .isPresent();

    assertThat(operate("POST").statusCode()).isEqualTo(202);
    assertThat(awaitEnd().get("state").stringValue()).isEqualTo("completed");

    String later = newImport(Map.of("source", "restored"));
    HttpResponse<String> list = ask("GET", "/imports/?limit=2");
    assertThat(list.headers().firstValue("X-Projection-Lag")).isEmpty();
    assertThat(json(list).valueStream().map(row -> row.get("id").stringValue()))
        .containsExactly(later, id);
  }

  @Test
  void is_for_operators_only() {
    for (String method : List.of("GET", "POST", "DELETE")) {
      assertThat(send(request(method, REBUILD)).statusCode()).isEqualTo(401);
      assertThat(send(request(method, REBUILD).header("X-API-Key", KEY)).statusCode())
          .isEqualTo(403);
    }
  }

  @Test
  void of_a_projection_that_there_is_not_is_answered_with_404() {
    for (String method : List.of("GET", "POST", "DELETE")) {
      String other = REBUILD.replace("imports", "other");
      HttpResponse<String> answer = send(request(method, other).header("X-API-Key", OPERATOR_KEY));
      assertThat(answer.statusCode()).isEqualTo(404);
      assertThat(json(answer).get("detail").stringValue())
          .isEqualTo("There is no projection of this name");
    }
  }

  private static JsonNode awaitEnd() {
    return await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> json(operate("GET")),
            status -> !status.get("state").stringValue().equals("running"));
  }

  private static HttpResponse<String> operate(String method) {
    return send(request(method, REBUILD).header("X-API-Key", OPERATOR_KEY));
  }
}
