package com.sdragent.imports.query;

import static com.sdragent.imports.query.QueryService.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/**
 * Events that no command of this version writes: whatever they hold, they stop their import only.
 */
@Timeout(60)
class PoisonEventsIT {
  private static final String PARKED = "/admin/projections/imports/parked";
  private static final QueryService node = new QueryService();

  @AfterAll
  static void close() {
    node.close();
  }

  @AfterEach
  void discardIt() {
    for (JsonNode event : json(node.ask("GET", PARKED))) {
      if (!event.get("error").isNull()) node.ask("DELETE", PARKED + "/" + event.get("position"));
    }
  }

  @Test
  void one_whose_error_quotes_what_postgresql_cannot_store() {
    UUID id = UUID.randomUUID();
    node.create(id);
    isParked(node.append(id, 1, "ImportStatusChanged", 1, statusChanged(id, "a\\u0000b")), "a?b");
  }

  @Test
  void one_that_says_it_is_about_another_import() {
    UUID victim = UUID.randomUUID();
    node.create(victim);
    HttpResponse<String> before = node.ask("GET", "/imports/" + victim);
    UUID id = UUID.randomUUID();
    node.create(id);
    isParked(
        node.append(id, 1, "ImportStatusChanged", 1, statusChanged(victim, "failed")),
        "another import");
    assertThat(node.ask("GET", "/imports/" + victim).body()).isEqualTo(before.body());
  }

  @Test
  void one_that_holds_nothing() {
    UUID id = UUID.randomUUID();
    node.create(id);
    isParked(node.append(id, 1, "ImportDeleted", 1, "null"), "not an event");
  }

  @Test
  void one_with_a_value_that_no_index_takes() {
    UUID id = UUID.randomUUID();
    node.create(id);
    String random =
        new Random(1)
            .ints(20_000, 'a', 'z')
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    isParked(node.append(id, 1, "ImportDetailsChanged", 1, details(id, random, 2)), "index row");
  }

  @Test
  void a_list_says_at_once_that_it_misses_one() {
    UUID id = UUID.randomUUID();
    node.create(id);
    assertThat(node.ask("GET", "/imports/").headers().firstValue("X-Projection-Lag")).isEmpty();
    node.append(id, 1, "ImportDeleted", 1, "null");
    assertThat(node.ask("GET", "/imports/").headers().firstValue("X-Projection-Lag")).hasValue("1");
  }

  @Test
  void thousands_that_wait_behind_one_are_retried_with_it() {
    UUID id = UUID.randomUUID();
    node.create(id);
    node.store()
        .execute("alter table import_row_0 add constraint of_a_test check (source <> 'poison')");
    long first = node.append(id, 1, "ImportDetailsChanged", 1, details(id, "poison", 1));
    node.store()
        .update(
            """
            insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type, revision,
                                      organization, occurred_at, payload, metadata)
            select position + n, aggregate_id, 1 + n, gen_random_uuid(), event_type, 1, organization,
                   occurred_at + n * interval '1 second',
                   jsonb_set(payload::jsonb, '{total_rows}', to_jsonb(n))::json, '{}'
            from domain_event, generate_series(1, 1200) n where position = ?
            """,
            first);
    node.store().execute("notify domain_event");
    await().until(() -> json(node.ask("GET", PARKED)).size() == 1201);
    node.store().execute("alter table import_row_0 drop constraint of_a_test");
    assertThat(node.ask("POST", PARKED + "/" + first + "/retry").body())
        .isEqualTo("{\"applied\":1201,\"parked\":0}");
    assertThat(json(node.ask("GET", "/imports/" + id)).get("total_rows").intValue())
        .isEqualTo(1200);
  }

  private static void isParked(long position, String error) {
    UUID other = UUID.randomUUID();
    node.create(other);
    HttpResponse<String> list = node.ask("GET", "/imports/");
    assertThat(list.headers().firstValue("X-Projection-Lag")).hasValue("1");
    assertThat(list.body()).contains(other.toString());
    JsonNode parked = json(node.ask("GET", PARKED));
    assertThat(parked).hasSize(1);
    assertThat(parked.get(0).get("position").longValue()).isEqualTo(position);
    assertThat(parked.get(0).get("error").stringValue()).contains(error);
  }

  private static String statusChanged(UUID id, String to) {
    return """
    {"import_id": "%s", "org_id": "%s", "from": "pending", "to": "%s",
     "occurred_at": "2024-10-06T12:00:01Z"}
    """
        .formatted(id, QueryService.ORGANIZATION, to);
  }

  private static String details(UUID id, String source, int rows) {
    return """
    {"import_id": "%s", "org_id": "%s", "source": "%s", "source_label": null, "file_name": null,
     "total_rows": %d, "occurred_at": "2024-10-06T12:00:01Z"}
    """
        .formatted(id, QueryService.ORGANIZATION, source, rows);
  }
}
