package com.sdragent.imports.command.publication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.command.CommandService;
import com.sdragent.imports.command.publication.kafka.TopicEnds;
import com.sdragent.imports.command.publication.parked.ParkedPublication;
import com.sdragent.imports.command.publication.parked.ParkedPublications;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.Notifications;
import com.sdragent.imports.eventstore.PostgresEventStorageEngine;
import com.sdragent.imports.loops.Loops;
import com.sdragent.imports.testservers.CommittedRecords;
import com.sdragent.imports.testservers.HandMadeEvents;
import com.sdragent.imports.testservers.TestKafka;
import com.sdragent.imports.traces.Traces;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.core.ProducerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An event that cannot be published stands in the way of its own import only. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ParkedPublicationIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String PARKED = "/admin/publication/parked";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final CommandService service =
      new CommandService(
              "--imports.relay.lease=1s",
              "--imports.relay.timeout=2s",
              "--imports.relay.batch-size=20")
          .allowingHandMadeEvents();
  private final Relay relay = service.bean(Relay.class);
  private final JdbcTemplate jdbc = service.bean(JdbcTemplate.class);
  private final TreeSet<Long> discarded = new TreeSet<>();

  @AfterEach
  void everyEventButTheDiscardedIsPublishedOnce() {
    for (JsonNode event : parked()) {
      if (!event.get("error").isNull()) discard(event.get("position").longValue());
    }
    assertThat(parked()).isEmpty();
    List<Long> expected =
        new ArrayList<>(
            jdbc.queryForList("select position from domain_event order by position", Long.class));
    expected.removeAll(discarded);
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(published()).containsExactlyInAnyOrderElementsOf(expected));
  }

  /** A term that begins finds everything as the last one left it. */
  private void anotherTermBegins() {
    relay.stop();
    relay.start();
    await().atMost(SOON).until(() -> relay.progress().status() == Relay.Status.ACTIVE);
  }

  @AfterAll
  void close() {
    service.close();
  }

  @Test
  void a_node_that_lost_the_lease_changes_nothing_of_what_operators_see() {
    String id = service.create();
    assertPublished(id, 1);
    UUID holder = UUID.randomUUID();
    jdbc.update("insert into lease values ('of a test', ?, clock_timestamp())", holder);
    long position =
        Objects.requireNonNull(
            jdbc.queryForObject("select max(position) from domain_event", Long.class));
    var one =
        new ParkedPublication(
            position, UUID.randomUUID(), UUID.fromString(id), "of a test", 1, Instant.now());
    assertThat(mirror(List.of(one), UUID.randomUUID())).isFalse();
    assertThat(parked()).isEmpty();
    assertThat(mirror(List.of(one), holder)).isTrue();
    assertThat(parked()).hasSize(1);
    assertThat(mirror(List.of(), UUID.randomUUID())).isFalse();
    assertThat(parked()).hasSize(1);
    assertThat(mirror(List.of(), holder)).isTrue();
    assertThat(parked()).isEmpty();
    jdbc.update("delete from lease where name = 'of a test'");
  }

  private boolean mirror(List<ParkedPublication> parked, UUID holder) {
    return service.bean(ParkedPublications.class).mirror(parked, List.of(), "of a test", holder);
  }

  @Test
  void one_that_cannot_follow_is_parked_told_and_discarded_and_all_others_go_on() {
    String id = service.create();
    RelayIT.delete(service, id);
    long position = append(id, "ImportStatusChanged", status(id, "failed"));
    String other = service.create();
    assertPublished(other, 1);

    List<JsonNode> parked = parked();
    assertThat(parked).hasSize(1);
    JsonNode event = parked.getFirst();
    assertThat(event.propertyNames())
        .containsExactly(
            "position", "import_id", "org_id", "type", "error", "attempts", "parked_at");
    assertThat(event.get("position").longValue()).isEqualTo(position);
    assertThat(event.get("import_id").stringValue()).isEqualTo(id);
    assertThat(event.get("error").stringValue())
        .isEqualTo("ImportStatusChanged cannot follow: import " + id + " is deleted");
    JsonNode health = health();
    assertThat(health.at("/status").stringValue()).isEqualTo("UP");
    assertThat(health.at("/details/parked").intValue()).isEqualTo(1);
    assertThat(gauge()).isEqualTo(1);

    assertThat(body("POST", position + "/retry")).isEqualTo("{\"applied\":0,\"parked\":1}");
    assertThat(parked().getFirst().get("attempts").intValue()).isEqualTo(2);
    assertThat(discard(position)).isEqualTo("{\"applied\":0,\"parked\":0}");
    assertThat(gauge()).isZero();
    for (String gone : List.of(position + "/retry", "1/retry", "x/retry")) {
      assertThat(ask("POST", gone).getStatusCode().value()).isEqualTo(404);
    }
    assertThat(
            jdbc.queryForList(
                "select requested_by from publication_request where position = ? and discard",
                String.class,
                position))
        .containsExactly("test");
  }

  @Test
  void those_behind_it_are_published_in_their_order_up_to_the_next_that_fails() {
    String id = service.create();
    long bad = append(id, "ImportStatusChanged", "[]");
    long first = append(id, "ImportDetailsChanged", details(id, 1, "a"));
    append(id, "ImportDetailsChanged", details(id, 2, "a"));
    long worse = append(id, "ImportStatusChanged", status(id, "never heard of"));
    append(id, "ImportDetailsChanged", details(id, 3, "a"));
    String other = service.create();
    assertPublished(other, 1);
    assertPublished(id, 1);

    List<JsonNode> parked = parked();
    assertThat(parked).hasSize(5);
    assertThat(parked.getFirst().get("error").stringValue())
        .isEqualTo("It cannot be read as ImportStatusChanged of revision 1");
    assertThat(parked.get(1).get("error").isNull()).isTrue();
    assertThat(pages(2)).isEqualTo(parked);
    assertThat(ask("DELETE", Long.toString(first)).getStatusCode().value()).isEqualTo(409);
    // Whichever of them is named: what is tried is the one that they wait for.
    assertThat(body("POST", first + "/retry")).isEqualTo("{\"applied\":0,\"parked\":5}");

    assertThat(discard(bad)).isEqualTo("{\"applied\":2,\"parked\":2}");
    assertThat(parked().getFirst().get("position").longValue()).isEqualTo(worse);
    assertThat(parked().getFirst().get("error").stringValue())
        .isEqualTo(
            "It cannot be read as ImportStatusChanged of revision 1: the field to does not hold"
                + " what it should");
    relay.stop();
    relay.start();
    assertThat(discard(worse)).isEqualTo("{\"applied\":1,\"parked\":0}");
    assertThat(sequences(id)).containsExactly(0L, 2L, 3L, 5L);
    assertThat(state(id).get("total_rows").intValue()).isEqualTo(3);
    assertThat(state(id).get("status").stringValue()).isEqualTo("pending");

    // The next change is folded without what was left out, also by a relay that remembers nothing.
    relay.stop();
    append(id, "ImportDetailsChanged", details(id, 9, "a"));
    relay.start();
    assertPublished(id, 5);
    assertThat(state(id).get("total_rows").intValue()).isEqualTo(9);
  }

  @Test
  void one_that_names_another_import_is_parked() {
    String id = service.create();
    String victim = service.create();
    long position = append(id, "ImportStatusChanged", status(victim, "failed"));
    assertPublished(service.create(), 1);
    assertThat(parked().getFirst().get("position").longValue()).isEqualTo(position);
    assertThat(parked().getFirst().get("error").stringValue()).contains("another import");
    assertThat(state(victim).get("status").stringValue()).isEqualTo("pending");
  }

  @Test
  void one_that_kafka_refuses_as_too_large_is_published_once_it_may_be() throws Exception {
    String id = service.create();
    assertPublished(id, 1);
    largest("20000");
    long position = append(id, "ImportDetailsChanged", details(id, 1, "x".repeat(40_000)));
    append(id, "ImportDetailsChanged", details(id, 2, "small"));
    assertPublished(service.create(), 1);
    assertThat(parked()).hasSize(2);
    assertThat(parked().getFirst().get("error").stringValue()).contains("too large");
    largest("1000000");
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(body("POST", position + "/retry"))
                    .isEqualTo("{\"applied\":2,\"parked\":0}"));
    assertThat(sequences(id)).containsExactly(0L, 1L, 2L);
    assertThat(state(id).get("total_rows").intValue()).isEqualTo(2);
    anotherTermBegins();
  }

  @Test
  void a_term_that_ends_between_commit_and_notes_is_followed_by_one_that_makes_them() {
    String id = service.create();
    assertPublished(id, 1);
    jdbc.execute("alter table parked_publication rename to parked_publication_away");
    long bad = append(id, "ImportStatusChanged", "[]");
    append(id, "ImportDetailsChanged", details(id, 1, "a"));
    await().atMost(SOON).until(() -> position().parked().size() == 1);
    await().atMost(SOON).until(() -> relay.progress().status() == Relay.Status.WAITING);
    assertThat(relay.progress().problem())
        .isEqualTo("The database refuses a statement of this node");
    jdbc.execute("alter table parked_publication_away rename to parked_publication");
    await().atMost(SOON).untilAsserted(() -> assertThat(parked()).hasSize(2));
    await().atMost(SOON).until(() -> relay.progress().status() == Relay.Status.ACTIVE);

    jdbc.execute("alter table parked_publication rename to parked_publication_away");
    ParkedPublications requests = service.bean(ParkedPublications.class);
    long request = requests.ask(bad, true, "an operator");
    await().atMost(SOON).until(() -> position().discarded().size() > discarded.size());
    discarded.add(bad);
    await().atMost(SOON).until(() -> relay.progress().status() == Relay.Status.WAITING);
    assertThat(requests.answer(request)).isEmpty();
    assertThat(requests.withdraw(request)).isFalse();
    jdbc.execute("alter table parked_publication_away rename to parked_publication");
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(requests.answer(request))
                    .contains(new ParkedPublications.Answer(1, null)));
    assertThat(sequences(id)).containsExactly(0L, 2L);
  }

  @Test
  void many_that_wait_are_published_once_although_two_relays_take_over_from_each_other() {
    int waiting = 200;
    String id = service.create();
    long bad = append(id, "ImportStatusChanged", "[]");
    jdbc.update(
        """
        insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type,
          revision, organization, occurred_at, payload, metadata)
        select e.position + n, aggregate_id, sequence_number + n, gen_random_uuid(),
          'ImportDetailsChanged', 1, organization, occurred_at, ?::json, '{}'
        from domain_event e, generate_series(1, ?) n where e.position = ?
        """,
        details(id, 7, "a"),
        waiting,
        bad);
    jdbc.execute("notify domain_event");
    Relay other = anotherNode();
    other.start();
    try {
      await().atMost(SOON).until(() -> position().position() >= bad + waiting);
      long request = service.bean(ParkedPublications.class).ask(bad, true, "an operator");
      discarded.add(bad);
      for (int turn = 0; turn < 4; turn++) {
        // As after a freeze: its lease has run out, and it looks at it again only later.
        jdbc.update("update lease set expires_at = now() - interval '1 minute'");
        Relay.Status before = relay.progress().status();
        await().atMost(SOON).until(() -> relay.progress().status() != before || isDone(request));
      }
      await().atMost(SOON).until(() -> isDone(request));
      assertThat(service.bean(ParkedPublications.class).answer(request))
          .contains(new ParkedPublications.Answer(waiting, null));
    } finally {
      other.stop();
    }
    assertThat(sequences(id)).hasSize(waiting + 1).isSorted().doesNotHaveDuplicates();
  }

  private boolean isDone(long request) {
    return service.bean(ParkedPublications.class).answer(request).isPresent();
  }

  @Test
  void a_record_of_an_earlier_form_is_read() {
    var earlier =
        JSON.readValue(
            "{\"position\":3,\"event_id\":\"" + new UUID(1, 2) + "\",\"partitions\":6}",
            RelayPosition.class);
    assertThat(earlier)
        .isEqualTo(new RelayPosition(3, new UUID(1, 2), 6, null, List.of(), List.of()));
  }

  @Test
  void while_no_node_publishes_nothing_is_noted_for_later() {
    String id = service.create();
    long bad = append(id, "ImportStatusChanged", "[]");
    await().atMost(SOON).untilAsserted(() -> assertThat(parked()).hasSize(1));
    relay.stop();
    ResponseEntity<String> refused = ask("DELETE", Long.toString(bad));
    assertThat(refused.getStatusCode().value()).isEqualTo(503);
    assertThat(refused.getHeaders().getFirst("Retry-After")).isNotNull();
    assertThat(refused.getBody()).contains("No node publishes now");
    relay.start();
    await().atMost(SOON).until(() -> relay.progress().status() == Relay.Status.ACTIVE);
    assertThat(parked()).hasSize(1);
  }

  @Test
  void what_nobody_waits_for_any_more_is_not_done_later() {
    String id = service.create();
    long bad = append(id, "ImportStatusChanged", "[]");
    await().atMost(SOON).untilAsserted(() -> assertThat(parked()).hasSize(1));
    relay.stop();
    // As a node leaves it that died before it could withdraw it.
    jdbc.update(
        "insert into publication_request (position, discard, requested_by, requested_at)"
            + " values (?, true, 'a test', clock_timestamp() - interval '2 seconds')",
        bad);
    relay.start();
    await().atMost(SOON).until(() -> relay.progress().status() == Relay.Status.ACTIVE);
    assertThat(ask("POST", bad + "/retry").getStatusCode().value()).isEqualTo(200);
    assertThat(parked()).hasSize(1);
  }

  @Test
  void a_look_that_fails_meanwhile_does_not_leave_a_request_behind() throws Exception {
    String id = service.create();
    long bad = append(id, "ImportStatusChanged", "[]");
    await().atMost(SOON).untilAsserted(() -> assertThat(parked()).hasSize(1));
    relay.stop();
    var answer = CompletableFuture.supplyAsync(() -> ask("DELETE", Long.toString(bad)));
    await().atMost(SOON).until(() -> openRequests() == 1);
    jdbc.execute("alter table publication_request rename to away");
    await().during(Duration.ofMillis(300)).until(() -> !answer.isDone());
    jdbc.execute("alter table away rename to publication_request");
    assertThat(answer.get().getStatusCode().value()).isEqualTo(503);
    assertThat(openRequests()).isZero();
    relay.start();
  }

  private int openRequests() {
    return Objects.requireNonNull(
        jdbc.queryForObject(
            "select count(*) from publication_request where finished_at is null and requested_by <>"
                + " 'a test'",
            Integer.class));
  }

  @Test
  void a_term_does_not_begin_with_all_events_of_an_import_that_has_very_many() {
    String id = service.create();
    jdbc.update(
        """
        insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type,
          revision, organization, occurred_at, payload, metadata)
        select position + n, aggregate_id, n, gen_random_uuid(), 'ImportDetailsChanged', 1, organization,
          occurred_at, ?::json, '{}'
        from domain_event, generate_series(1, 1200) n where aggregate_id = ?::uuid
        """,
        details(id, 7, "a.csv"),
        id);
    jdbc.execute("notify domain_event");
    assertPublished(id, 1201);
    service
        .client()
        .put()
        .uri("/imports/" + id)
        .contentType(MediaType.APPLICATION_JSON)
        .body("{\"total_rows\":8}")
        .retrieve()
        .toBodilessEntity();
    await().atMost(SOON).until(() -> snapshots(id) == 1);
    // Whoever reads it stumbles over it.
    String change =
        "update domain_event set payload = ?::json"
            + " where aggregate_id = ?::uuid and sequence_number = 1";
    jdbc.update(change, "[]", id);
    anotherTermBegins();
    append(id, "ImportDetailsChanged", details(id, 9, "b.csv"));
    assertPublished(id, 1203);
    assertThat(state(id).get("file_name").stringValue()).isEqualTo("b.csv");
    jdbc.update(change, details(id, 7, "a.csv"), id);
    // A snapshot that cannot be read is none.
    jdbc.update(
        "update snapshot set payload = json_build_object('state', 7, 'last_event', payload ->>"
            + " 'last_event') where aggregate_id = ?::uuid",
        id);
    anotherTermBegins();
    append(id, "ImportDetailsChanged", details(id, 9, "c.csv"));
    assertPublished(id, 1204);
    assertThat(state(id).get("file_name").stringValue()).isEqualTo("c.csv");
  }

  private int snapshots(String id) {
    return Objects.requireNonNull(
        jdbc.queryForObject(
            "select count(*) from snapshot where aggregate_id = ?::uuid and sequence_number >="
                + " 1000",
            Integer.class,
            id));
  }

  @Test
  void a_page_is_asked_for_as_the_document_says() {
    for (String wrong : List.of("limit=0", "limit=1001", "cursor=x", "limit=1&limit=2")) {
      assertThat(ask("GET", "?" + wrong).getStatusCode().value()).as(wrong).isEqualTo(400);
    }
  }

  @Test
  void a_replay_publishes_all_before_one_that_cannot_be_read_and_says_why_it_ends() {
    String id = service.create();
    long bad = append(id, "ImportStatusChanged", "null");
    append(id, "ImportDetailsChanged", details(id, 1, "a"));
    String target = "imports.replay." + UUID.randomUUID();
    String body = "{\"target\":\"" + target + "\",\"import_id\":\"" + id + "\"}";
    JsonNode replay =
        service
            .client()
            .post()
            .uri("/admin/replays")
            .contentType(MediaType.APPLICATION_JSON)
            .body(body)
            .retrieve()
            .requiredBody(JsonNode.class);
    String address = "/admin/replays/" + replay.get("id").stringValue();
    JsonNode ended =
        await()
            .atMost(SOON)
            .until(
                () -> service.client().get().uri(address).retrieve().requiredBody(JsonNode.class),
                one -> one.get("state").stringValue().equals("failed"));
    assertThat(ended.get("events").intValue()).isEqualTo(1);
    assertThat(ended.get("error").stringValue())
        .startsWith("The event at position " + bad + " cannot be published. It cannot be read")
        .endsWith("with from_position " + (bad + 1));
    assertThat(CommittedRecords.of(TestKafka.bootstrapServers(), target, 1, SOON)).hasSize(1);
  }

  private Relay anotherNode() {
    RelayProperties properties = service.bean(RelayProperties.class);
    return new PublicationConfiguration()
        .relay(
            service.bean(PostgresEventStorageEngine.class),
            service.bean(EventLog.class),
            properties,
            service.bean(ParkedPublications.class),
            jdbc,
            service.bean(RightStore.class),
            service.bean(Notifications.class),
            service.bean(Loops.class),
            service.bean(Traces.class),
            service.bean(MeterRegistry.class),
            service.bean(ProducerFactory.class),
            service.bean(ConsumerFactory.class));
  }

  /** Stores what no command could have caused. */
  private long append(String id, String type, String payload) {
    Long position =
        jdbc.queryForObject(
            """
            insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type,
              revision, organization, occurred_at, payload, metadata)
            select (select max(position) + 1 from domain_event), aggregate_id, sequence_number + 1,
              gen_random_uuid(), ?, 1, organization, occurred_at, ?::json, '{}'
            from domain_event where aggregate_id = ?::uuid order by sequence_number desc limit 1
            returning position
            """,
            Long.class,
            type,
            payload,
            id);
    jdbc.execute("notify domain_event");
    return position == null ? 0 : position;
  }

  private static String status(String id, String to) {
    return HandMadeEvents.statusChanged(id, CommandService.ORGANIZATION, to);
  }

  private static String details(String id, int rows, String file) {
    return HandMadeEvents.detailsChanged(id, CommandService.ORGANIZATION, "s", file, rows);
  }

  private void largest(String bytes) throws Exception {
    Map<String, Object> settings = Map.of("bootstrap.servers", TestKafka.bootstrapServers());
    try (Admin admin = Admin.create(settings)) {
      var topic = new ConfigResource(ConfigResource.Type.TOPIC, service.eventsTopic());
      var change =
          new AlterConfigOp(new ConfigEntry("max.message.bytes", bytes), AlterConfigOp.OpType.SET);
      admin.incrementalAlterConfigs(Map.of(topic, List.of(change))).all().get();
      // It is the controller that answers; the broker that takes records learns of it later.
      await()
          .atMost(SOON)
          .until(
              () ->
                  admin.describeConfigs(List.of(topic)).all().get().values().stream()
                      .allMatch(config -> bytes.equals(config.get("max.message.bytes").value())));
    }
  }

  private List<JsonNode> parked() {
    return JSON.readTree(String.valueOf(ask("GET", "").getBody())).valueStream().toList();
  }

  private List<JsonNode> pages(int size) {
    var all = new ArrayList<JsonNode>();
    String next = "?limit=" + size;
    while (next != null) {
      ResponseEntity<String> page = ask("GET", next);
      JSON.readTree(String.valueOf(page.getBody())).forEach(all::add);
      String link = page.getHeaders().getFirst("Link");
      next = link == null ? null : link.replaceFirst("<parked(\\?[^>]+)>; rel=\"next\"", "$1");
    }
    return all;
  }

  private String discard(long position) {
    String outcome = body("DELETE", Long.toString(position));
    discarded.add(position);
    return outcome;
  }

  private String body(String method, String path) {
    ResponseEntity<String> answer = ask(method, path);
    assertThat(answer.getStatusCode().value()).as(answer.getBody()).isEqualTo(200);
    return String.valueOf(answer.getBody());
  }

  private ResponseEntity<String> ask(String method, String path) {
    String address = path.isEmpty() || path.startsWith("?") ? PARKED + path : PARKED + "/" + path;
    return service
        .client()
        .method(org.springframework.http.HttpMethod.valueOf(method))
        .uri(address)
        .retrieve()
        .onStatus(status -> status.isError(), (_, _) -> {})
        .toEntity(String.class);
  }

  private JsonNode health() {
    return RelayIT.relayHealth(service);
  }

  private double gauge() {
    return service.bean(MeterRegistry.class).get("imports.relay.parked.events").gauge().value();
  }

  private void assertPublished(String id, int events) {
    await().atMost(SOON).untilAsserted(() -> assertThat(sequences(id)).hasSize(events));
  }

  private List<ConsumerRecord<String, byte[]>> records() {
    return CommittedRecords.of(TestKafka.bootstrapServers(), service.eventsTopic(), 1, SOON);
  }

  private List<Long> published() {
    return records().stream()
        .map(record -> Long.valueOf(StoreWithRelays.header(record, "ce_position")))
        .toList();
  }

  private List<Long> sequences(String id) {
    return records().stream()
        .filter(record -> record.key().equals(id))
        .map(record -> Long.valueOf(StoreWithRelays.header(record, "ce_importsequence")))
        .toList();
  }

  private JsonNode state(String id) {
    var states = new HashMap<String, JsonNode>();
    String topic = service.bean(RelayProperties.class).stateTopic();
    CommittedRecords.of(TestKafka.bootstrapServers(), topic, 1, SOON).stream()
        .filter(record -> record.value() != null)
        .forEach(record -> states.put(record.key(), JSON.readTree(record.value())));
    return Objects.requireNonNull(states.get(id));
  }

  /** What the topic says is published. */
  private RelayPosition position() {
    var topic = new TopicPartition(service.bean(RelayProperties.class).positionTopic(), 0);
    Map<String, Object> settings = Map.of("bootstrap.servers", TestKafka.bootstrapServers());
    try (var ends = new TopicEnds(settings, SOON)) {
      var record = ends.last(List.of(topic)).get(topic);
      return record == null
          ? RelayPosition.none(6)
          : JSON.readValue(record.value(), RelayPosition.class);
    }
  }
}
