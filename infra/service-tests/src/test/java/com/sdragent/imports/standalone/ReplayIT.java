package com.sdragent.imports.standalone;

import static com.sdragent.imports.standalone.RunningService.JSON;
import static com.sdragent.imports.standalone.RunningService.KEY;
import static com.sdragent.imports.standalone.RunningService.OPERATOR_KEY;
import static com.sdragent.imports.standalone.RunningService.ask;
import static com.sdragent.imports.standalone.RunningService.json;
import static com.sdragent.imports.standalone.RunningService.newImport;
import static com.sdragent.imports.standalone.RunningService.request;
import static com.sdragent.imports.standalone.RunningService.send;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.testservers.CommittedRecords;
import com.sdragent.imports.testservers.TestKafka;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Events again, for one who asked, into a topic of their own. */
class ReplayIT {
  private static final String REPLAYS = "/admin/replays";
  private static final Duration SOON = Duration.ofSeconds(30);

  private final String target = "imports.replay." + UUID.randomUUID();

  @Test
  void publishes_the_events_of_one_import_once_and_in_order_as_they_are_stored() {
    String id = newImport(Map.of("source", "replayed"));
    ask("PUT", "/imports/" + id, "{\"status\":\"processing\",\"total_rows\":3}");
    newImport(Map.of("source", "another"));

    JsonNode replay = started(Map.of("target", target, "import_id", id));
    JsonNode done = awaitEnd(replay.get("id").stringValue());

    assertThat(done.get("state").stringValue()).as(done.toString()).isEqualTo("completed");
    assertThat(done.get("events").intValue()).isEqualTo(3);
    assertThat(done.get("position")).isEqualTo(done.get("to_position"));
    List<ConsumerRecord<String, byte[]>> records = records(3);
    assertThat(records)
        .extracting(record -> header(record, "ce_importsequence"))
        .containsExactly("0", "1", "2");
    assertThat(records).allMatch(record -> record.key().equals(id));
    assertThat(records)
        .allMatch(record -> header(record, "ce_replay").equals(replay.get("id").stringValue()));
    assertThat(payloads(records)).isEqualTo(stored(id));

    // And once more into the same topic: what is there already is of another replay.
    JsonNode second = started(Map.of("target", target, "import_id", id, "type", "ImportCreated"));
    assertThat(awaitEnd(second.get("id").stringValue()).get("events").intValue()).isEqualTo(1);
    assertThat(records(4)).hasSize(4);
  }

  @Test
  void does_not_publish_again_what_a_node_that_died_had_committed_and_not_noted() {
    String id = newImport(Map.of("source", "resumed"));
    ask("PUT", "/imports/" + id, "{\"status\":\"processing\",\"total_rows\":3}");
    String replay = started(Map.of("target", target, "import_id", id)).get("id").stringValue();
    awaitEnd(replay);
    RunningService.owner()
        .update(
            "update replay set state = 'running', position = from_position - 1, events = 0,"
                + " finished_at = null, leased_until = null where id = ?::uuid",
            replay);
    // The workers may have looked in between, and rest.
    RunningService.owner().execute("notify replay");
    JsonNode done = awaitEnd(replay);
    assertThat(done.get("state").stringValue()).as(done.toString()).isEqualTo("completed");
    assertThat(done.get("events").intValue()).isEqualTo(3);
    assertThat(records(3)).hasSize(3);
  }

  @Test
  void into_a_topic_that_kafka_refuses_fails_with_one_sentence() {
    String id = newImport(Map.of("source", "refused"));
    String dotted = target + ".one";
    awaitEnd(started(Map.of("target", dotted, "import_id", id)).get("id").stringValue());
    String collides = target + "_one";
    JsonNode refused =
        awaitEnd(started(Map.of("target", collides, "import_id", id)).get("id").stringValue());
    assertThat(refused.get("state").stringValue()).isEqualTo("failed");
    assertThat(refused.get("error").stringValue())
        .isEqualTo(
            "Kafka refuses the name "
                + collides
                + ": it differs from that of the topic "
                + dotted
                + " by . and _ only. Ask for the replay again with another target");
  }

  @Test
  void of_a_dry_run_only_counts() {
    String id = newImport(Map.of("source", "counted"));
    ask("DELETE", "/imports/" + id);
    JsonNode dry = started(Map.of("target", target, "import_id", id, "dry_run", true));
    assertThat(awaitEnd(dry.get("id").stringValue()).get("events").intValue()).isEqualTo(2);
    JsonNode none =
        started(Map.of("target", target, "to_time", "2020-01-01T00:00:00Z", "dry_run", true));
    assertThat(awaitEnd(none.get("id").stringValue()).get("events").intValue()).isZero();
    JsonNode later = started(Map.of("target", target, "from_position", 1_000_000, "dry_run", true));
    assertThat(awaitEnd(later.get("id").stringValue()).get("events").intValue()).isZero();
    JsonNode other =
        started(Map.of("target", target, "org_id", UUID.randomUUID().toString(), "dry_run", true));
    assertThat(awaitEnd(other.get("id").stringValue()).get("events").intValue()).isZero();
    try (var admin =
        org.apache.kafka.clients.admin.Admin.create(
            Map.<String, Object>of("bootstrap.servers", TestKafka.bootstrapServers()))) {
      assertThat(admin.listTopics().names().toCompletionStage().toCompletableFuture().join())
          .doesNotContain(target);
    }
  }

  @Test
  void compares_its_times_exactly_whatever_digits_they_have() {
    String id = newImport(Map.of("source", "s"));
    Instant time =
        Instant.parse(json(ask("GET", "/imports/" + id)).get("created_at").stringValue());
    // The driver would round 499 nanoseconds down, and 501 up.
    assertThat(events(id, "from_time", time)).isEqualTo(1);
    assertThat(events(id, "from_time", time.plusNanos(499))).isZero();
    assertThat(events(id, "to_time", time.plusNanos(499))).isEqualTo(1);
    assertThat(events(id, "to_time", time.minusNanos(499))).isZero();
  }

  private int events(String id, String parameter, Instant time) {
    JsonNode dry =
        started(
            Map.of("target", target, "import_id", id, "dry_run", true, parameter, time.toString()));
    return awaitEnd(dry.get("id").stringValue()).get("events").intValue();
  }

  @Test
  void keeps_to_its_rate_refuses_a_second_one_into_its_topic_and_can_be_cancelled() {
    for (int i = 0; i < 20; i++) newImport(Map.of("source", "slow"));
    JsonNode slow = started(Map.of("target", target, "events_per_second", 2));
    HttpResponse<String> second = post(Map.of("target", target));
    assertThat(second.statusCode()).isEqualTo(409);
    assertThat(json(second).get("detail").stringValue())
        .isEqualTo("A replay into " + target + " is running");

    String id = slow.get("id").stringValue();
    await().atMost(SOON).until(() -> get(id).get("events").intValue() > 0);
    JsonNode cancelled = json(operate("DELETE", REPLAYS + "/" + id));
    assertThat(cancelled.get("state").stringValue()).isEqualTo("cancelled");
    assertThat(cancelled.get("events").intValue()).isBetween(1, 19);
    assertThat(json(operate("DELETE", REPLAYS + "/" + id))).isEqualTo(cancelled);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "imports.events",
        "imports.state",
        "contract.events",
        "imports.replay.",
        "imports.replayed",
        "imports.replay.a/b",
        "imports.replay.ä"
      })
  void into_any_other_topic_is_refused(String topic) {
    HttpResponse<String> refused = post(Map.of("target", topic));
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(json(refused).get("detail").stringValue())
        .isEqualTo("Validation error: target must be imports.replay.<name>, no other topic");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|target field is required",
        "{\"target\":\"imports.replay.x\",\"dry_run\":\"yes\"}|dry_run must be true or false",
        "{\"target\":\"imports.replay.x\",\"from_position\":0}|from_position must be a positive"
            + " integer",
        "{\"target\":\"imports.replay.x\",\"to_position\":1.5}|to_position must be a positive"
            + " integer",
        "{\"target\":\"imports.replay.x\",\"from_time\":\"today\"}|from_time must be a time with an"
            + " offset",
        "{\"target\":\"imports.replay.x\",\"org_id\":\"1-1-1-1-1\"}|org_id must be a UUID",
        "{\"target\":\"imports.replay.x\",\"import_id\":7}|import_id must be a UUID",
        "{\"target\":\"imports.replay.x\",\"events_per_second\":5001}|events_per_second must be an"
            + " integer from 1 to 5000",
        "{\"target\":\"imports.replay.x\",\"organisation\":\"y\"}|organisation is not known"
      })
  void with_a_field_that_is_wrong_is_refused(String body, String message) {
    HttpResponse<String> refused = post(body);
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(json(refused).get("detail").stringValue()).isEqualTo("Validation error: " + message);
  }

  @Test
  void that_is_not_there_is_not_found_and_none_is_for_others_than_operators() {
    String unknown = REPLAYS + "/" + UUID.randomUUID();
    for (String method : List.of("GET", "DELETE")) {
      assertThat(operate(method, unknown).statusCode()).isEqualTo(404);
      assertThat(send(request(method, unknown).header("X-API-Key", KEY)).statusCode())
          .isEqualTo(403);
    }
    assertThat(operate("GET", REPLAYS + "/1-1-1-1-1").statusCode()).isEqualTo(400);
    assertThat(send(request("POST", REPLAYS)).statusCode()).isEqualTo(401);
    assertThat(post("[]").statusCode()).isEqualTo(400);
    assertThat(post("{").statusCode()).isEqualTo(400);
  }

  private static Map<String, JsonNode> stored(String id) {
    var payloads = new TreeMap<String, JsonNode>();
    RunningService.owner()
        .query(
            "select event_id, payload from domain_event where aggregate_id = ?::uuid",
            row -> {
              payloads.put(row.getString(1), JSON.readTree(row.getString(2)));
            },
            id);
    return payloads;
  }

  private static Map<String, JsonNode> payloads(List<ConsumerRecord<String, byte[]>> records) {
    var payloads = new TreeMap<String, JsonNode>();
    for (var record : records) payloads.put(header(record, "ce_id"), JSON.readTree(record.value()));
    return payloads;
  }

  private static JsonNode started(Map<String, ?> body) {
    HttpResponse<String> answer = post(body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    JsonNode replay = json(answer);
    assertThat(answer.headers().firstValue("Location"))
        .contains(REPLAYS + "/" + replay.get("id").stringValue());
    return replay;
  }

  private static HttpResponse<String> post(Map<String, ?> body) {
    return post(JSON.writeValueAsString(body));
  }

  private static HttpResponse<String> post(String body) {
    return send(
        request("POST", REPLAYS)
            .header("X-API-Key", OPERATOR_KEY)
            .header("Content-Type", "application/json")
            .method("POST", BodyPublishers.ofString(body)));
  }

  private static HttpResponse<String> operate(String method, String path) {
    return send(request(method, path).header("X-API-Key", OPERATOR_KEY));
  }

  private static JsonNode get(String id) {
    return json(operate("GET", REPLAYS + "/" + id));
  }

  private static JsonNode awaitEnd(String id) {
    return await()
        .atMost(SOON)
        .until(() -> get(id), replay -> !replay.get("state").stringValue().equals("running"));
  }

  private List<ConsumerRecord<String, byte[]>> records(int expected) {
    return CommittedRecords.of(TestKafka.bootstrapServers(), target, expected, SOON);
  }

  private static String header(ConsumerRecord<?, ?> record, String name) {
    return new String(record.headers().lastHeader(name).value(), UTF_8);
  }
}
