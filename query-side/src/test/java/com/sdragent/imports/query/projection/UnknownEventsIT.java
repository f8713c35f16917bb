package com.sdragent.imports.query.projection;

import static com.sdragent.imports.query.QueryService.OTHER_KEY;
import static com.sdragent.imports.query.QueryService.OTHER_ORGANIZATION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.events.EventRevisions;
import com.sdragent.imports.events.ImportEventType;
import com.sdragent.imports.query.QueryService;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.context.annotation.Bean;

/** A node of version N−1 whose store holds what only version N knows. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UnknownEventsIT {
  private QueryService node;

  @BeforeAll
  void start() {
    node =
        new QueryService(
            "--imports.query.max-wait=100ms",
            "--spring.main.sources=" + SecondRevision.class.getName());
  }

  /** As if links had once been stored with another name of the campaign. */
  static class SecondRevision {
    @Bean
    EventRevisions revisions() {
      return new EventRevisions(
          Map.of(
              ImportEventType.IMPORT_CAMPAIGN_LINKED,
              List.of(
                  event -> {
                    event.set("campaign_id", event.required("campaign"));
                    return event;
                  })));
    }
  }

  @AfterAll
  void stop() {
    node.close();
  }

  @Test
  void stop_the_projection_with_a_clear_message_and_it_goes_on_after_the_roll_out() {
    UUID known = UUID.randomUUID();
    UUID ahead = UUID.randomUUID();
    UUID later = UUID.randomUUID();
    node.create(known);
    node.create(ahead);
    long position = node.append(ahead, 1, "ImportArchived", 1, "{}");
    node.create(later);

    // The projection has taken what came before, and says why it does not go on.
    String problem =
        "The event at position "
            + position
            + " has a type or revision that this version does not know: upgrade this node";
    await().untilAsserted(() -> assertThat(health().statusCode()).isEqualTo(503));
    assertThat(health().body()).contains(problem).contains("\"parked\":0");
    assertThat(projected()).isEqualTo(position - 1);
    assertThat(rows(known)).isEqualTo(1);
    assertThat(rows(later)).isZero();

    // What it knows it answers from the events; on what it does not know it answers nothing.
    assertThat(node.ask("GET", "/imports/" + known).statusCode()).isEqualTo(200);
    assertThat(node.ask("GET", "/imports/" + later).statusCode()).isEqualTo(200);
    HttpResponse<String> list = node.ask("GET", "/imports/");
    assertThat(list.statusCode()).isEqualTo(200);
    assertThat(list.headers().firstValue("X-Projection-Lag")).contains("2");
    // Each organization is told of its own events.
    assertThat(lagOfAnother()).isEmpty();
    node.createAtOnce(3, OTHER_ORGANIZATION);
    assertThat(lagOfAnother()).contains("3");
    assertThat(node.ask("GET", "/imports/").headers().firstValue("X-Projection-Lag")).contains("2");
    for (String path :
        new String[] {
          "/imports/" + ahead,
          "/imports/" + ahead + "/events",
          "/imports/" + ahead + "?as_of=2999-01-01T00:00:00Z",
          "/imports/?as_of=2999-01-01T00:00:00Z",
          "/events"
        }) {
      HttpResponse<String> unknown = node.ask("GET", path);
      assertThat(unknown.statusCode()).as(path + unknown.body()).isEqualTo(503);
      assertThat(unknown.headers().firstValue("Retry-After")).isPresent();
      assertThat(unknown.body()).contains("does not know the event at position " + position);
    }
    assertThat(node.ask("GET", "/imports/" + ahead + "?as_of=2024-10-06T12:00:00Z").statusCode())
        .isEqualTo(200);
    // A stream brings what it can, and ends.
    String stream =
        node.ask("GET", "/events?after=" + (position - 2), "Accept", "text/event-stream").body();
    assertThat(stream).doesNotContain("ImportArchived");

    // The roll-out: here the event becomes one that this version knows.
    node.store()
        .update(
            "update domain_event set event_type = 'ImportDeleted', payload = json_build_object("
                + "'import_id', aggregate_id, 'org_id', organization, 'occurred_at', occurred_at)"
                + " where position = ?",
            position);
    await().untilAsserted(() -> assertThat(health().statusCode()).isEqualTo(200));
    assertThat(projected()).isEqualTo(position + 4);
    assertThat(rows(later)).isEqualTo(1);
    assertThat(node.ask("GET", "/imports/" + ahead).statusCode()).isEqualTo(404);
  }

  @Test
  void of_an_earlier_revision_are_read_as_the_newest_by_projection_and_history() {
    UUID id = UUID.randomUUID();
    UUID first = UUID.randomUUID();
    UUID second = UUID.randomUUID();
    node.create(id);
    node.append(id, 1, "ImportCampaignLinked", 1, linked(id, "campaign", first));
    long position =
        node.append(id, 2, "ImportCampaignLinked", 2, linked(id, "campaign_id", second));
    await().untilAsserted(() -> assertThat(projected()).isGreaterThanOrEqualTo(position));
    assertThat(
            count(
                "select count(*) from import_view where id = '%s' and campaign_id = '%s'"
                    .formatted(id, second)))
        .isEqualTo(1);
    assertThat(node.ask("GET", "/imports/" + id + "/events").body())
        .contains("{\"from\":null,\"to\":\"" + first + "\"}")
        .contains("{\"from\":\"" + first + "\",\"to\":\"" + second + "\"}");
    assertThat(node.ask("GET", "/imports/" + id + "?as_of=2024-10-06T12:00:01Z").body())
        .contains("\"campaign_id\":\"" + first + "\"");
  }

  private static String linked(UUID id, String name, UUID campaign) {
    return "{\"import_id\":\"%s\",\"org_id\":\"%s\",\"%s\":\"%s\",\"occurred_at\":\"2024-10-06T12:00:01Z\"}"
        .formatted(id, QueryService.ORGANIZATION, name, campaign);
  }

  private Optional<String> lagOfAnother() {
    return node.askAs(OTHER_KEY, "GET", "/imports/").headers().firstValue("X-Projection-Lag");
  }

  private HttpResponse<String> health() {
    return node.ask("GET", "/actuator/health");
  }

  private long projected() {
    return count("select max(position) from projection_position where name = 'imports'");
  }

  private long rows(UUID id) {
    return count("select count(*) from import_view where id = '" + id + "'");
  }

  private long count(String select) {
    Long count = node.store().queryForObject(select, Long.class);
    return count == null ? -1 : count;
  }
}
