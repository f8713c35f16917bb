package com.sdragent.imports.command.publication;

import static com.sdragent.imports.command.publication.StoreWithRelays.events;
import static com.sdragent.imports.command.publication.StoreWithRelays.position;
import static com.sdragent.imports.command.publication.StoreWithRelays.states;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.command.publication.kafka.EventRecords;
import com.sdragent.imports.command.publication.parked.ParkedPublications;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.testservers.CommittedRecords;
import com.sdragent.imports.testservers.TestKafka;
import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Each reason to stop publishing rather than publish something wrongly, and the way on. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RelayStopsIT {
  private static final Duration SOON = Duration.ofSeconds(30);

  /** A lease that does not run out by itself. */
  private static final Duration LONG = Duration.ofMinutes(5);

  private static final String UNKNOWN = "'ImportMerged', 1, payload";

  private final Map<String, Object> kafka =
      Map.of("bootstrap.servers", TestKafka.bootstrapServers());
  private final StoreWithRelays store = StoreWithRelays.SHARED;
  private final Admin admin = Admin.create(kafka);
  private String topics = "";
  private Relay relay = store.relay(topics);

  @BeforeAll
  void storeEvents() {
    for (int i = 0; i < 3; i++) store.service.create();
  }

  @BeforeEach
  void publishThem() {
    // A test that failed may have left one.
    jdbc().update("delete from lease");
    topics = StoreWithRelays.freshTopics();
    relay = store.relay(topics);
    relay.start();
    store.assertPublishedEventsAreThoseOfTheStore(topics);
  }

  @AfterEach
  void stop() {
    relay.stop();
  }

  @AfterAll
  void close() {
    admin.close();
  }

  @Test
  void another_number_of_partitions_stops_a_running_relay_until_topics_are_made_again()
      throws Exception {
    admin.createPartitions(Map.of(events(topics), NewPartitions.increaseTo(3))).all().get();
    assertStops("had 2 partitions when its events were published and has 3 now");
    int published = store.stored();
    store.service.create();
    assertThat(records()).hasSize(published);

    deleteTopics(events(topics), states(topics), position(topics));
    assertPublishesEverything();
  }

  @Test
  void a_position_that_was_lost_stops_it() throws Exception {
    relay.stop();
    deleteTopics(position(topics));
    relay.start();
    assertStops("has records, but " + position(topics) + " holds no position");
    assertThat(records()).hasSize(store.stored());
  }

  @Test
  void an_events_topic_that_was_emptied_stops_it() throws Exception {
    relay.stop();
    deleteTopics(events(topics));
    relay.start();
    assertStops("the topic " + events(topics) + " is new and empty");
    deleteTopics(events(topics), states(topics), position(topics));
    assertPublishesEverything();
  }

  @Test
  void an_events_topic_that_lost_its_last_records_stops_it() throws Exception {
    relay.stop();
    String id = store.service.create();
    recordPosition(store.stored());
    relay.start();
    assertStops(
        "The events up to position %s are published, but %s-%s ends with position"
            .formatted(
                store.stored(),
                events(topics),
                EventRecords.partition(UUID.fromString(id), StoreWithRelays.PARTITIONS)));
    assertThat(records()).hasSize(store.stored() - 1);
  }

  @Test
  void a_position_that_went_back_stops_it() throws Exception {
    relay.stop();
    recordPosition(store.stored() - 1);
    relay.start();
    assertStops(" ends with position " + store.stored());
    assertThat(records()).hasSize(store.stored());
  }

  @Test
  void a_store_that_went_back_stops_a_running_relay_also_after_it_has_grown_again() {
    int published = store.stored();
    jdbc().update("delete from domain_event where position = ?", published);
    assertStops("the store was restored to an earlier point");
    store.service.create();
    store.service.create();
    relay.stop();
    relay = store.relay(topics);
    relay.start();
    assertStops("the store was restored to an earlier point");
    assertThat(records()).hasSize(published);
  }

  @Test
  void a_topic_that_would_lose_events_stops_it_until_it_is_mended() throws Exception {
    relay.stop();
    setPolicy(events(topics), "compact");
    relay.start();
    assertStops("has cleanup.policy=compact");
    setPolicy(events(topics), "delete");
    assertPublishesEverything();
  }

  @Test
  void an_event_that_this_version_does_not_know_stops_it_once_all_before_are_published() {
    relay.stop();
    for (int i = 0; i < 11; i++) store.service.create();
    int known = store.stored();
    withAnEvent(
        UNKNOWN,
        () -> {
          relay.start();
          assertStops("The event at position " + (known + 1) + " has a type");
          assertThat(relay.progress().problem()).contains("upgrade this node");
          assertThat(records()).hasSize(known);
        });
    assertPublishesEverything();
  }

  @Test
  void one_that_does_not_know_an_event_leaves_its_turn_to_a_node_that_may_know_it() {
    relay.stop();
    relay = store.relay(topics, LONG);
    Relay old = store.relay(topics, LONG);
    var upgraded = new RelayLease(jdbc(), LONG);
    int known = store.stored();
    try {
      withAnEvent(
          UNKNOWN,
          () -> {
            relay.start();
            assertStops("upgrade this node");
            old.start();
            await().atMost(SOON).until(() -> old.progress().status() == Relay.Status.STOPPED);
            assertThat(old.progress().position()).isEqualTo(known);

            await().atMost(SOON).until(upgraded::isOurs);
            for (Relay one : List.of(relay, old)) {
              await().atMost(SOON).until(() -> one.progress().status() == Relay.Status.STANDBY);
            }
            upgraded.giveUp();
          });
      await().atMost(SOON).until(() -> relay.progress().status() != old.progress().status());
    } finally {
      old.stop();
    }
    assertPublishesEverything();
  }

  @Test
  void a_stopped_one_says_so_once_however_often_it_looks_again() {
    relay.stop();
    try (var lines = LogLines.recorded()) {
      withAnEvent(
          UNKNOWN,
          () -> {
            relay.start();
            assertStops("upgrade this node");
            await()
                .during(StoreWithRelays.LOOKS_AGAIN.multipliedBy(3))
                .atMost(SOON)
                .until(() -> relay.progress().status() == Relay.Status.STOPPED);
          });
      assertThat(lines.ofTheService())
          .singleElement()
          .asString()
          .startsWith("ERROR Publishing stopped: The event at position");
    }
  }

  @Test
  void more_imports_than_the_record_can_hold_stop_it_until_one_of_them_is_discarded() {
    relay.stop();
    int known = store.stored();
    jdbc()
        .update(
            """
            insert into domain_event (position, aggregate_id, sequence_number, event_id, organization,
              occurred_at, metadata, event_type, revision, payload)
            select position + n, gen_random_uuid(), 0, gen_random_uuid(), organization, occurred_at,
              metadata, event_type, revision, '[]' from domain_event, generate_series(1, ?) n
            where position = ?
            """,
            RelayPosition.MOST + 1,
            known);
    try {
      relay.start();
      assertStops("1000 imports have an event that cannot be published, and the one at position");
      assertThat(relay.progress().position()).isEqualTo(known + RelayPosition.MOST);
      assertThat(store.parked().count()).isEqualTo(RelayPosition.MOST);
      long request = store.parked().ask(known + 7, true, "an operator");
      await().atMost(SOON).until(() -> relay.progress().position() == store.stored());
      assertThat(store.parked().answer(request)).contains(new ParkedPublications.Answer(0, null));
      assertThat(records()).hasSize(known);
    } finally {
      relay.stop();
      jdbc().update("delete from domain_event where position > ?", known);
      jdbc().execute("truncate parked_publication");
    }
  }

  @Test
  void a_node_without_a_name_that_started_without_postgresql_publishes_no_others_store() {
    relay.stop();
    var pool = (HikariDataSource) requireNonNull(jdbc().getDataSource());
    var database =
        new DriverManagerDataSource(
            "jdbc:postgresql://localhost:1/imports", pool.getUsername(), pool.getPassword());
    jdbc().update("insert into store_name (name) values ('eu')");
    try {
      store.service.create();
      relay = store.relay(topics, StoreWithRelays.ofNoName(database));
      relay.start();
      await().atMost(SOON).until(() -> relay.progress().status() == Relay.Status.WAITING);
      database.setUrl(pool.getJdbcUrl());
      assertStops("imports.placement.store: the database of spring.datasource.url is the store eu");
      assertThat(records()).hasSize(store.stored() - 1);
    } finally {
      jdbc().update("delete from store_name");
    }
    assertPublishesEverything();
  }

  @Test
  void a_lease_that_ends_absurdly_far_ahead_is_taken_and_one_of_another_setting_is_not() {
    relay.stop();
    var lease = new RelayLease(jdbc(), Duration.ofSeconds(2));
    leasedBySomebodyFor("30 seconds");
    assertThat(lease.isOurs()).isFalse();
    jdbc().update("delete from lease");
    for (String far : List.of("1 hour", "100 years")) {
      leasedBySomebodyFor(far);
      assertThat(lease.isOurs()).isTrue();
      lease.giveUp();
    }
  }

  @Test
  void who_never_reached_kafka_knows_how_far_others_have_published() {
    relay.stop();
    jdbc().update("delete from lease");
    var before = new RelayLease(jdbc(), LONG);
    assertThat(before.published()).isEqualTo(-1);
    assertThat(before.isOurs()).isTrue();
    before.published(7);
    before.giveUp();

    var after = new RelayLease(jdbc(), LONG);
    assertThat(after.isOurs()).isTrue();
    assertThat(after.published()).isEqualTo(7);
    after.giveUp();
    assertThat(before.published()).isEqualTo(7);
  }

  private void leasedBySomebodyFor(String interval) {
    jdbc()
        .update(
            "insert into lease values ('relay', gen_random_uuid(), now() + ?::interval)"
                + " on conflict (name) do update"
                + " set holder = excluded.holder, expires_at = excluded.expires_at",
            interval);
  }

  /** With an event after the last that no version of the service has written. */
  private void withAnEvent(String typeRevisionAndPayload, Runnable check) {
    jdbc()
        .update(
            """
            insert into domain_event (position, aggregate_id, sequence_number, event_id, organization,
              occurred_at, metadata, event_type, revision, payload)
            select position + 1, gen_random_uuid(), 0, gen_random_uuid(), organization, occurred_at,
              metadata, %s from domain_event order by position desc limit 1
            """
                .formatted(typeRevisionAndPayload));
    try {
      check.run();
    } finally {
      jdbc().update("delete from domain_event where position = ?", store.stored());
    }
  }

  private JdbcTemplate jdbc() {
    return store.service.bean(JdbcTemplate.class);
  }

  private void recordPosition(int position) throws Exception {
    try (var producer =
        new KafkaProducer<>(kafka, new StringSerializer(), new StringSerializer())) {
      String value =
          "{\"position\":%s,\"event_id\":\"%s\",\"partitions\":2,\"ends\":%s}"
              .formatted(
                  position,
                  store
                      .service
                      .bean(EventLog.class)
                      .eventsAfter(position - 1, 1)
                      .getFirst()
                      .eventId(),
                  ends(position));
      producer.send(new ProducerRecord<>(position(topics), "imports", value)).get();
    }
  }

  /** The last position of each partition, once everything up to this one is published. */
  private List<Long> ends(int position) {
    var ends = new ArrayList<Long>(Collections.nCopies(StoreWithRelays.PARTITIONS, 0L));
    for (RecordedEvent event : store.service.bean(EventLog.class).eventsAfter(0, position)) {
      ends.set(
          EventRecords.partition(event.importId(), StoreWithRelays.PARTITIONS), event.position());
    }
    return ends;
  }

  private void assertStops(String why) {
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              Relay.Progress progress = relay.progress();
              assertThat(progress.status()).isEqualTo(Relay.Status.STOPPED);
              assertThat(progress.problem()).contains(why);
            });
    var health = new RelayHealth(relay, store.parked()).health();
    assertThat(health.getStatus().getCode()).isEqualTo("DOWN");
    assertThat(String.valueOf(health.getDetails().get("problem"))).contains(why);
  }

  private void assertPublishesEverything() {
    await().atMost(SOON).until(() -> relay.progress().status() == Relay.Status.ACTIVE);
    store.assertPublishedEventsAreThoseOfTheStore(topics);
  }

  private List<?> records() {
    return CommittedRecords.of(TestKafka.bootstrapServers(), events(topics), 1, SOON);
  }

  private void deleteTopics(String... topics) throws Exception {
    admin.deleteTopics(List.of(topics)).all().get();
    await().atMost(SOON).until(() -> areGone(topics));
  }

  private boolean areGone(String... topics) throws Exception {
    // A relay that runs may have made them again already: that is as good.
    var present = admin.listTopics().names().get();
    return List.of(topics).stream().noneMatch(present::contains)
        || List.of(topics).stream().allMatch(present::contains);
  }

  private void setPolicy(String topic, String policy) throws Exception {
    var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    var operation =
        new AlterConfigOp(new ConfigEntry("cleanup.policy", policy), AlterConfigOp.OpType.SET);
    admin.incrementalAlterConfigs(Map.of(resource, List.of(operation))).all().get();
  }
}
