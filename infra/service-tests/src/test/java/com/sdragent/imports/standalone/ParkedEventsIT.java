package com.sdragent.imports.standalone;

import static com.sdragent.imports.standalone.RunningService.KEY;
import static com.sdragent.imports.standalone.RunningService.OPERATOR_KEY;
import static com.sdragent.imports.standalone.RunningService.OTHER_KEY;
import static com.sdragent.imports.standalone.RunningService.ask;
import static com.sdragent.imports.standalone.RunningService.json;
import static com.sdragent.imports.standalone.RunningService.newImport;
import static com.sdragent.imports.standalone.RunningService.request;
import static com.sdragent.imports.standalone.RunningService.send;
import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.events.ImportStatus;
import com.sdragent.imports.events.ImportStatusChanged;
import com.sdragent.imports.eventstore.PostgresEventStorageEngine;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;

/** Events that the read model cannot take are in nobody else's way. */
class ParkedEventsIT {
  private static final String PARKED = "/admin/projections/imports/parked";

  private final JdbcTemplate jdbc = RunningService.owner();
  private final String table =
      "import_row_"
          + jdbc.queryForObject(
              "select generation % 2 from projection where name = 'imports'", Integer.class);

  @AfterEach
  void leaveNothingParked() {
    jdbc.execute("alter table " + table + " drop constraint if exists of_a_test");
    for (JsonNode event : parked()) {
      if (!event.get("error").isNull()) operate("DELETE", "/" + event.get("position"));
    }
    assertThat(parked()).isEmpty();
  }

  @Test
  void what_cannot_be_stored_waits_until_it_is_retried_and_everything_else_goes_on() {
    String id = newImport(Map.of("source", "s"));
    ask("GET", "/imports/" + id);
    jdbc.execute(
        "alter table " + table + " add constraint of_a_test check (source <> 'poison') not valid");
    ask("PUT", "/imports/" + id, "{\"source\":\"poison\"}");
    JsonNode after = json(ask("PUT", "/imports/" + id, "{\"total_rows\":7}"));

    // The import itself is read from its events, others from their rows.
    assertThat(json(ask("GET", "/imports/" + id))).isEqualTo(after);
    String other = newImport(Map.of("source", "other"));
    assertThat(ask("GET", "/imports/" + other).statusCode()).isEqualTo(200);
    HttpResponse<String> list = ask("GET", "/imports/?limit=1");
    assertThat(list.headers().firstValue("X-Projection-Lag")).contains("2");
    assertThat(json(list).get(0).get("id").stringValue()).isEqualTo(other);
    assertThat(
            send(request("GET", "/imports/?limit=1").header("X-API-Key", OTHER_KEY))
                .headers()
                .firstValue("X-Projection-Lag"))
        .isEmpty();
    List<JsonNode> parked = parked();
    assertThat(parked).hasSize(2);
    assertThat(parked.get(0).get("type").stringValue()).isEqualTo("ImportDetailsChanged");
    assertThat(parked.get(0).get("import_id").stringValue()).isEqualTo(id);
    assertThat(parked.get(0).get("error").stringValue()).contains("of_a_test");
    assertThat(parked.get(1).get("error").isNull()).isTrue();
    assertThat(send(request("GET", "/actuator/health").header("X-API-Key", OPERATOR_KEY)).body())
        .contains("\"parked\":2");
    assertThat(
            send(request("GET", "/actuator/prometheus").header("X-API-Key", OPERATOR_KEY)).body())
        .contains("imports_projection_parked_events{projection=\"imports\"} 2.0");

    String address = "/" + parked.get(0).get("position");
    assertThat(json(operate("POST", address + "/retry")).toString())
        .isEqualTo("{\"applied\":0,\"parked\":2}");
    assertThat(parked().get(0).get("attempts").intValue()).isEqualTo(2);
    assertThat(operate("DELETE", "/" + parked.get(1).get("position")).statusCode()).isEqualTo(409);

    jdbc.execute("alter table " + table + " drop constraint of_a_test");
    assertThat(json(operate("POST", address + "/retry")).toString())
        .isEqualTo("{\"applied\":2,\"parked\":0}");
    assertThat(json(ask("GET", "/imports/" + id))).isEqualTo(after);
    HttpResponse<String> complete = ask("GET", "/imports/?source=poison");
    assertThat(complete.headers().firstValue("X-Projection-Lag")).isEmpty();
    assertThat(json(complete).get(0)).isEqualTo(after);
    assertThat(operate("POST", address + "/retry").statusCode()).isEqualTo(404);
  }

  @Test
  void what_cannot_follow_is_left_out_for_good_once_it_is_discarded() {
    String id = newImport(Map.of("source", "s", "total_rows", 1));
    UUID unknown = UUID.randomUUID();
    // No command could have caused it: a status changed of an import that does not exist.
    RunningService.bean(PostgresEventStorageEngine.class)
        .appendEvents(
            new GenericDomainEventMessage<>(
                "Import",
                unknown.toString(),
                0,
                new ImportStatusChanged(
                    unknown,
                    UUID.fromString(DemoAccess.ORGANIZATION),
                    ImportStatus.PENDING,
                    ImportStatus.FAILED,
                    Instant.now().truncatedTo(ChronoUnit.MICROS))));
    assertThat(ask("GET", "/imports/" + unknown).statusCode()).isEqualTo(404);
    ask("PUT", "/imports/" + id, "{\"total_rows\":2}");
    assertThat(json(ask("GET", "/imports/" + id)).get("total_rows").intValue()).isEqualTo(2);

    List<JsonNode> parked = parked();
    assertThat(parked).hasSize(1);
    assertThat(parked.get(0).get("error").stringValue()).contains("cannot follow");
    assertThat(json(operate("DELETE", "/" + parked.get(0).get("position"))).toString())
        .isEqualTo("{\"applied\":0,\"parked\":0}");
    assertThat(parked()).isEmpty();
    assertThat(ask("GET", "/imports/").headers().firstValue("X-Projection-Lag")).isEmpty();
  }

  @Test
  @SuppressWarnings("NullAway")
  void an_event_without_a_field_that_every_import_has_stops_its_import_only() {
    String id = newImport(Map.of("source", "s"));
    RunningService.bean(PostgresEventStorageEngine.class)
        .appendEvents(
            new GenericDomainEventMessage<>(
                "Import",
                id,
                1,
                new ImportStatusChanged(
                    UUID.fromString(id),
                    UUID.fromString(DemoAccess.ORGANIZATION),
                    ImportStatus.PENDING,
                    null,
                    Instant.now().truncatedTo(ChronoUnit.MICROS))));
    String other = newImport(Map.of("source", "other"));
    assertThat(json(ask("GET", "/imports/?limit=1")).get(0).get("id").stringValue())
        .isEqualTo(other);
    assertThat(json(ask("GET", "/imports/" + id)).get("status").stringValue()).isEqualTo("pending");
    List<JsonNode> parked = parked();
    assertThat(parked).hasSize(1);
    assertThat(parked.get(0).get("error").stringValue()).contains("without status");
  }

  @Test
  void only_operators_see_them() {
    for (String method : List.of("GET", "POST", "DELETE")) {
      String path =
          method.equals("GET") ? PARKED : PARKED + "/1" + ("POST".equals(method) ? "/retry" : "");
      assertThat(send(request(method, path)).statusCode()).isEqualTo(401);
      assertThat(send(request(method, path).header("X-API-Key", KEY)).statusCode()).isEqualTo(403);
    }
    assertThat(operate("DELETE", "/x").statusCode()).isEqualTo(404);
    String other = PARKED.replace("imports", "other");
    assertThat(send(request("GET", other).header("X-API-Key", OPERATOR_KEY)).statusCode())
        .isEqualTo(404);
  }

  private static List<JsonNode> parked() {
    HttpResponse<String> response = operate("GET", "");
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return json(response).valueStream().toList();
  }

  private static HttpResponse<String> operate(String method, String path) {
    return send(request(method, PARKED + path).header("X-API-Key", OPERATOR_KEY));
  }
}
