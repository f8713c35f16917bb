package com.sdragent.imports.command.publication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.command.CommandService;
import com.sdragent.imports.loops.ThisNode;
import com.sdragent.imports.testservers.CommittedRecords;
import com.sdragent.imports.testservers.StoppableKafka;
import com.sdragent.imports.testservers.TestKafka;
import com.sdragent.imports.testservers.TestPostgres;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.web.client.RestClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The relay of a node, against real servers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RelayIT {
  private static final Duration CATCH_UP = Duration.ofSeconds(30);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final StoreWithRelays store = StoreWithRelays.SHARED;
  private final StoppableKafka kafka = StoppableKafka.running();
  private final CommandService service = store.service;
  private final String topics = StoreWithRelays.freshTopics();
  private final Relay relay = store.relay(topics);

  @BeforeEach
  void kafkaRuns() {
    kafka.start();
  }

  @AfterEach
  void stop() {
    relay.stop();
  }

  @AfterAll
  void close() {
    kafka.close();
  }

  @Test
  void every_event_is_published_once_and_those_of_one_import_in_order() {
    relay.start();
    for (int i = 0; i < 40; i++) {
      String id = service.create();
      for (int rows = 1; rows <= i % 4; rows++) update(service, id, rows);
      if (i % 5 == 0) delete(service, id);
    }
    store.assertPublishedEventsAreThoseOfTheStore(topics);
  }

  @Test
  void an_earlier_revision_is_published_as_it_is_stored_and_folded_as_the_newest() {
    relay.start();
    String id = service.create();
    UUID stored = UUID.randomUUID();
    service
        .bean(JdbcTemplate.class)
        .update(
            """
            insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type,
              revision, organization, occurred_at, payload, metadata)
            select (select max(position) + 1 from domain_event), aggregate_id, 1, gen_random_uuid(),
              'ImportCampaignLinked', 1, organization, occurred_at, json_build_object('import_id',
              aggregate_id, 'org_id', organization, 'campaign_id', ?, 'occurred_at', occurred_at),
              metadata
            from domain_event where aggregate_id = ? and sequence_number = 0
            """,
            stored.toString(),
            UUID.fromString(id));
    ConsumerRecord<String, byte[]> event = last(StoreWithRelays.events(topics), id, "1");
    assertThat(StoreWithRelays.header(event, "ce_type"))
        .isEqualTo("com.sdragent.imports.ImportCampaignLinked.v1");
    assertThat(JSON.readTree(event.value()).get("campaign_id").stringValue())
        .isEqualTo(stored.toString());
    ConsumerRecord<String, byte[]> state = last(StoreWithRelays.states(topics), id, "1");
    assertThat(JSON.readTree(state.value()).get("campaign_id").stringValue())
        .isEqualTo(StoreWithRelays.SecondRevision.CAMPAIGN.toString());
  }

  /** The record of an import with this sequence number, once it is there. */
  private static ConsumerRecord<String, byte[]> last(String topic, String id, String sequence) {
    return await()
        .atMost(CATCH_UP)
        .until(
            () ->
                CommittedRecords.of(TestKafka.bootstrapServers(), topic, 1, CATCH_UP).stream()
                    .filter(record -> record.key().equals(id))
                    .filter(
                        record ->
                            StoreWithRelays.header(record, "ce_importsequence").equals(sequence))
                    .findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  @Test
  void what_a_relay_leaves_unpublished_the_next_one_publishes_and_nothing_again() {
    for (int turn = 0; turn < 2; turn++) {
      for (int i = 0; i < 10; i++) service.create();
      Relay next = store.relay(topics);
      next.start();
      store.assertPublishedEventsAreThoseOfTheStore(topics);
      next.stop();
    }
  }

  @Test
  void without_kafka_commands_and_readiness_stay_the_relay_says_so_once_and_catches_up() {
    kafka.stop();
    try (var service =
            new CommandService(
                "--spring.kafka.bootstrap-servers=" + kafka.bootstrapServers(),
                "--imports.relay.timeout=1s");
        var lines = LogLines.recorded()) {
      String id = service.create();
      assertThat(status(service, "readiness")).isEqualTo(200);
      assertRelayWaits(service);
      kafka.start();
      assertPublished(service, kafka);
      await().untilAsserted(() -> assertThat(lag(service)).isZero());
      assertThat(relayHealth(service).required("status").stringValue()).isEqualTo("UP");

      kafka.stop();
      lines.clear();
      long begun = System.nanoTime();
      for (int rows = 1; rows <= 20; rows++) update(service, id, rows);
      delete(service, service.create());
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
      assertRelayWaits(service);
      assertThat(lag(service)).isEqualTo(22);
      assertThat(status(service, "readiness")).isEqualTo(200);

      kafka.start();
      await()
          .atMost(CATCH_UP)
          .untilAsserted(
              () -> {
                assertThat(lag(service)).isZero();
                assertThat(relayHealth(service).required("status").stringValue()).isEqualTo("UP");
              });
      assertPublished(service, kafka);
      assertThat(lines.ofTheService())
          .satisfiesExactly(
              waits -> assertThat(waits).startsWith("WARN Publishing waits: Kafka does not answer"),
              goesOn -> assertThat(goesOn).startsWith("INFO Publishing from position "));
    }
  }

  private static void assertRelayWaits(CommandService service) {
    await()
        .atMost(CATCH_UP)
        .untilAsserted(
            () -> {
              JsonNode health = relayHealth(service);
              assertThat(health.required("status").stringValue()).isEqualTo("DOWN");
              assertThat(health.at("/details/relay").stringValue()).isEqualTo("waiting");
              assertThat(health.at("/details/problem").stringValue()).isNotBlank();
            });
  }

  private static void assertPublished(CommandService service, StoppableKafka kafka) {
    StoreWithRelays.assertPublishedEventsAreThoseOfTheStore(
        service, kafka.bootstrapServers(), service.eventsTopic());
  }

  @Test
  void every_node_tells_how_far_the_one_that_has_the_turn_is() {
    Relay one = store.relay(topics);
    Relay two = store.relay(topics);
    one.start();
    two.start();
    try {
      service.create();
      // A node that stands by knows it from the lease, which is renewed now and then.
      await()
          .atMost(CATCH_UP)
          .untilAsserted(
              () ->
                  assertThat(List.of(one.status(), two.status()))
                      .allSatisfy(
                          told -> {
                            assertThat(told.position()).isEqualTo(told.head());
                            assertThat(told.lagEvents()).isZero();
                            assertThat(told.lagSeconds()).isZero();
                            assertThat(told.activeNode()).isEqualTo(ThisNode.name());
                            assertThat(told.partitions()).isPositive();
                          })
                      .extracting(PublicationStatus::state)
                      .containsExactlyInAnyOrder("active", "standby"));
    } finally {
      one.stop();
      two.stop();
    }
    service.create();
    PublicationStatus nobody = one.status();
    assertThat(nobody.activeNode()).isNull();
    assertThat(nobody.lagEvents()).isPositive();
    assertThat(nobody.lagSeconds()).isPositive();
  }

  @Test
  void one_that_lost_its_turn_without_knowing_is_fenced_and_steps_back() {
    Relay one = store.relay(topics);
    Relay two = store.relay(topics);
    one.start();
    two.start();
    try {
      await().atMost(CATCH_UP).until(() -> active(one) != active(two));
      var jdbc = service.bean(JdbcTemplate.class);
      for (int turn = 0; turn < 2; turn++) {
        Relay before = active(one) ? one : two;
        Relay after = before == one ? two : one;
        String holder = jdbc.queryForObject("select holder::text from lease", String.class);
        await()
            .atMost(Duration.ofSeconds(10))
            .until(
                () -> {
                  // As after a freeze: its lease has run out, and it looks at it again only later.
                  jdbc.update(
                      "update lease set expires_at = now() - interval '1 minute'"
                          + " where holder = ?::uuid",
                      holder);
                  service.create();
                  return active(after) && !active(before);
                });
      }
      store.assertPublishedEventsAreThoseOfTheStore(topics);
    } finally {
      one.stop();
      two.stop();
    }
  }

  @Test
  void one_whose_transaction_takes_longer_than_the_lease_keeps_its_turn_until_it_stops() {
    Relay publishing = onStoppableKafka(Duration.ofSeconds(1), Duration.ofSeconds(30));
    Relay waiting = onStoppableKafka(Duration.ofSeconds(1), Duration.ofSeconds(30));
    try {
      service.create();
      publishing.start();
      await().atMost(CATCH_UP).until(() -> active(publishing));
      waiting.start();
      String holder = holder(service);
      kafka.stop();
      String id = service.create();
      await()
          .during(Duration.ofMillis(2500))
          .atMost(Duration.ofSeconds(4))
          .until(() -> holder.equals(holder(service)));
      kafka.start();
      assertPublishedToStoppableKafka();
      assertThat(active(publishing)).isTrue();
      assertThat(waiting.progress().status()).isEqualTo(Relay.Status.STANDBY);

      publishing.stop();
      update(service, id, 1);
      await().atMost(CATCH_UP).until(() -> active(waiting));
      assertThat(holder(service)).isNotEqualTo(holder);
      assertPublishedToStoppableKafka();
    } finally {
      publishing.stop();
      waiting.stop();
    }
  }

  @Test
  void one_whose_publishing_fails_leaves_its_turn_to_a_node_that_may_still_reach_kafka() {
    Duration lease = Duration.ofMinutes(5);
    Relay cutOff = onStoppableKafka(lease, Duration.ofSeconds(1));
    Relay other = store.relay(topics, lease);
    try {
      service.create();
      cutOff.start();
      await().atMost(CATCH_UP).until(() -> active(cutOff));
      other.start();
      kafka.stop();
      service.create();
      await().atMost(CATCH_UP).until(() -> active(other));
      store.assertPublishedEventsAreThoseOfTheStore(topics);
    } finally {
      cutOff.stop();
      other.stop();
    }
  }

  private Relay onStoppableKafka(Duration lease, Duration timeout) {
    return store.relay(topics, lease, kafka.bootstrapServers(), timeout);
  }

  private void assertPublishedToStoppableKafka() {
    StoreWithRelays.assertPublishedEventsAreThoseOfTheStore(
        service, kafka.bootstrapServers(), StoreWithRelays.events(topics));
  }

  @Test
  @Tag("soak")
  void a_replay_whose_transaction_takes_longer_than_the_lease_stays_with_its_node() {
    TestPostgres.Database database = TestPostgres.freshDatabase();
    try (var kafka = StoppableKafka.running()) {
      String[] settings = {
        "--spring.kafka.bootstrap-servers=" + kafka.bootstrapServers(),
        "--imports.replay.lease=1s",
        "--imports.relay.timeout=30s"
      };
      try (var one = new CommandService(database, settings);
          var _ = new CommandService(database, settings)) {
        for (int i = 0; i < 10; i++) one.create();
        one.client()
            .post()
            .uri("/admin/replays")
            .contentType(MediaType.APPLICATION_JSON)
            .body("{\"target\":\"imports.replay.slow\",\"events_per_second\":1}")
            .retrieve()
            .toBodilessEntity();
        await().atMost(CATCH_UP).until(() -> !replay(one, "events").equals("0"));
        String holder = replay(one, "holder");
        kafka.stop();
        await()
            .during(Duration.ofSeconds(4))
            .atMost(Duration.ofSeconds(5))
            .until(() -> holder.equals(replay(one, "holder")));
        kafka.start();
        await().atMost(CATCH_UP).until(() -> replay(one, "state").equals("completed"));
        assertThat(replay(one, "holder")).isEqualTo(holder);
        StoreWithRelays.assertPublishedEventsAreThoseOfTheStore(
            one, kafka.bootstrapServers(), "imports.replay.slow");
      }
    }
  }

  private static String replay(CommandService service, String column) {
    return String.valueOf(
        service
            .bean(JdbcTemplate.class)
            .queryForObject("select " + column + "::text from replay", String.class));
  }

  private static String holder(CommandService service) {
    return String.valueOf(
        service
            .bean(JdbcTemplate.class)
            .queryForObject("select holder::text from lease", String.class));
  }

  @Test
  void the_state_topic_holds_each_import_as_it_is_and_a_tombstone_for_a_deleted_one() {
    String kept = service.create();
    String gone = service.create();
    relay.start();
    store.assertPublishedEventsAreThoseOfTheStore(topics);
    relay.stop();
    update(service, kept, 77);
    delete(service, gone);
    // The next one has not seen what came before.
    Relay next = store.relay(topics);
    next.start();
    store.assertPublishedEventsAreThoseOfTheStore(topics);
    next.stop();
    var states = new HashMap<String, ConsumerRecord<String, byte[]>>();
    CommittedRecords.of(TestKafka.bootstrapServers(), StoreWithRelays.states(topics), 1, CATCH_UP)
        .forEach(record -> states.put(record.key(), record));
    assertThat(states).containsKeys(kept, gone);
    assertThat(states.get(gone)).satisfies(record -> assertThat(record.value()).isNull());
    JsonNode state = JSON.readTree(Objects.requireNonNull(states.get(kept)).value());
    assertThat(state.propertyNames())
        .containsExactly(
            "id",
            "org_id",
            "campaign_id",
            "source",
            "file_name",
            "status",
            "total_rows",
            "created_at",
            "updated_at");
    assertThat(state.required("total_rows").intValue()).isEqualTo(77);
    assertThat(state.required("source").stringValue()).isEqualTo("hubspot");
  }

  @Test
  void an_event_belongs_to_the_trace_of_its_request_and_to_a_new_one_when_there_is_none() {
    String trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    relay.start();
    for (String sent : new String[] {trace, "00-not-a-trace"}) {
      service
          .client()
          .post()
          .uri("/imports/")
          .contentType(MediaType.APPLICATION_JSON)
          .header("traceparent", sent)
          .body("{\"source\":\"crm\"}")
          .retrieve()
          .toBodilessEntity();
    }
    List<String> published =
        CommittedRecords.of(
                TestKafka.bootstrapServers(),
                StoreWithRelays.events(topics),
                store.stored(),
                CATCH_UP)
            .stream()
            .map(record -> StoreWithRelays.header(record, "ce_traceparent"))
            .toList();
    assertThat(published)
        .containsOnlyOnce(trace)
        .allMatch(parent -> parent.matches("00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]"));
  }

  @Test
  void what_the_topics_hold_is_documented_without_a_key() {
    var answer =
        RestClient.create(service.url())
            .get()
            .uri("/asyncapi.yaml")
            .retrieve()
            .toEntity(String.class);
    assertThat(answer.getHeaders().getContentType()).hasToString("application/yaml");
    assertThat(answer.getBody()).startsWith("asyncapi: 3.0.0");
  }

  private static boolean active(Relay relay) {
    return relay.progress().status() == Relay.Status.ACTIVE;
  }

  private static int status(CommandService service, String group) {
    return service
        .client()
        .get()
        .uri("/actuator/health/" + group)
        .exchange((_, response) -> response.getStatusCode().value());
  }

  static JsonNode relayHealth(CommandService service) {
    return service
        .client()
        .get()
        .uri("/actuator/health")
        .retrieve()
        // What it answers is looked at, also when it is an error.
        .onStatus(HttpStatusCode::is5xxServerError, (_, _) -> {})
        .requiredBody(JsonNode.class)
        .at("/components/relay");
  }

  private static double lag(CommandService service) {
    return service.bean(MeterRegistry.class).get("imports.relay.lag.events").gauge().value();
  }

  static void update(CommandService service, String id, int rows) {
    service
        .client()
        .put()
        .uri("/imports/" + id)
        .contentType(MediaType.APPLICATION_JSON)
        .body("{\"total_rows\":" + rows + "}")
        .retrieve()
        .toBodilessEntity();
  }

  static void delete(CommandService service, String id) {
    service.client().delete().uri("/imports/" + id).retrieve().toBodilessEntity();
  }
}
