package com.sdragent.imports.command.publication;

import static com.sdragent.imports.command.publication.RelayIT.thePublishedEventsAreThoseOfTheStore;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.command.CommandService;
import com.sdragent.imports.testservers.CommittedRecords;
import com.sdragent.imports.testservers.TestKafka;
import com.sdragent.imports.testservers.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/** Each reason to stop publishing rather than publish something wrongly, and the way on. */
@Tag("soak")
class RelayStopsIT {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final TestPostgres.Database database = TestPostgres.freshDatabase();
  private final Admin admin =
      Admin.create(Map.of("bootstrap.servers", TestKafka.bootstrapServers()));

  @AfterEach
  void close() {
    admin.close();
  }

  @Test
  void another_number_of_partitions_stops_a_running_relay_until_the_topics_are_made_anew()
      throws Exception {
    try (var service = withPublishedEvents()) {
      admin
          .createPartitions(Map.of(service.eventsTopic(), NewPartitions.increaseTo(9)))
          .all()
          .get();
      itStops(service, "had 6 partitions when its events were published and has 9 now");
      RelayIT.create(service);
      assertThat(events(service, 3)).hasSize(3);

      deleteTopics(service.eventsTopic(), service.stateTopic(), service.positionTopic());
      itPublishesEverything(service);
    }
  }

  @Test
  void a_position_that_was_lost_stops_it() throws Exception {
    CommandService before = withPublishedEvents();
    before.close();
    deleteTopics(before.positionTopic());
    try (var service = new CommandService(database)) {
      itStops(service, "has records, but " + service.positionTopic() + " holds no position");
      RelayIT.create(service);
      assertThat(events(service, 3)).hasSize(3);
    }
  }

  @Test
  void an_events_topic_that_was_emptied_stops_it() throws Exception {
    CommandService before = withPublishedEvents();
    before.close();
    deleteTopics(before.eventsTopic());
    try (var service = new CommandService(database)) {
      itStops(service, "the topic " + service.eventsTopic() + " is new and empty");
      deleteTopics(service.eventsTopic(), service.stateTopic(), service.positionTopic());
      itPublishesEverything(service);
    }
  }

  @Test
  void a_store_that_went_back_stops_a_running_relay_also_after_it_has_grown_again()
      throws Exception {
    try (var service = withPublishedEvents()) {
      var jdbc = service.bean(JdbcTemplate.class);
      jdbc.update("delete from domain_event where position = 3");
      itStops(service, "the store was restored to an earlier point");
      RelayIT.create(service);
      RelayIT.create(service);
    }
    try (var next = new CommandService(database)) {
      itStops(next, "the store was restored to an earlier point");
      assertThat(events(next, 3)).hasSize(3);
    }
  }

  @Test
  void a_topic_that_would_lose_events_stops_it_until_it_is_mended() throws Exception {
    CommandService before = withPublishedEvents();
    before.close();
    String topic = before.eventsTopic();
    setPolicy(topic, "compact");
    try (var service = new CommandService(database)) {
      itStops(service, "has cleanup.policy=compact");
      setPolicy(topic, "delete");
      itPublishesEverything(service);
    }
  }

  @Test
  void an_event_that_this_version_does_not_know_stops_it() {
    try (var service = withPublishedEvents()) {
      service
          .bean(JdbcTemplate.class)
          .update(
              """
              insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type,
                revision, organization, occurred_at, payload, metadata)
              select 4, gen_random_uuid(), 0, gen_random_uuid(), 'ImportMerged', 1, organization,
                occurred_at, payload, metadata from domain_event where position = 3
              """);
      itStops(service, "upgrade this node");
    }
  }

  @Test
  void an_event_that_cannot_be_read_stops_it_with_its_position() {
    try (var service = withPublishedEvents()) {
      service
          .bean(JdbcTemplate.class)
          .update(
              """
              insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type,
                revision, organization, occurred_at, payload, metadata)
              select 4, gen_random_uuid(), 0, gen_random_uuid(), event_type, revision, organization,
                occurred_at, '[]', metadata from domain_event where position = 3
              """);
      itStops(service, "The event at position 4 cannot be read");
    }
  }

  private CommandService withPublishedEvents() {
    var service = new CommandService(database);
    for (int i = 0; i < 3; i++) RelayIT.create(service);
    thePublishedEventsAreThoseOfTheStore(service, TestKafka.bootstrapServers());
    return service;
  }

  private static void itStops(CommandService service, String why) {
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              Relay.Progress progress = service.bean(Relay.class).progress();
              assertThat(progress.status()).isEqualTo(Relay.Status.STOPPED);
              assertThat(progress.problem()).contains(why);
            });
    var health = service.bean(RelayHealth.class).health();
    assertThat(health.getStatus().getCode()).isEqualTo("DOWN");
    assertThat(String.valueOf(health.getDetails().get("problem"))).contains(why);
  }

  private static void itPublishesEverything(CommandService service) {
    await()
        .atMost(SOON)
        .until(() -> service.bean(Relay.class).progress().status() == Relay.Status.ACTIVE);
    thePublishedEventsAreThoseOfTheStore(service, TestKafka.bootstrapServers());
  }

  private static List<?> events(CommandService service, int expected) {
    return CommittedRecords.of(TestKafka.bootstrapServers(), service.eventsTopic(), expected, SOON);
  }

  private void deleteTopics(String... topics) throws Exception {
    admin.deleteTopics(List.of(topics)).all().get();
    await().atMost(SOON).until(() -> disjoint(topics));
  }

  private boolean disjoint(String... topics) throws Exception {
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
