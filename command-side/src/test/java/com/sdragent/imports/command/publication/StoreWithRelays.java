package com.sdragent.imports.command.publication;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.access.placement.Placement;
import com.sdragent.imports.access.placement.PlacementProperties;
import com.sdragent.imports.command.CommandService;
import com.sdragent.imports.command.publication.parked.ParkedPublications;
import com.sdragent.imports.events.EventRevisions;
import com.sdragent.imports.events.ImportEventType;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.Notifications;
import com.sdragent.imports.eventstore.PostgresEventStorageEngine;
import com.sdragent.imports.loops.Loops;
import com.sdragent.imports.testservers.CommittedRecords;
import com.sdragent.imports.testservers.TestKafka;
import com.sdragent.imports.traces.Traces;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;

/** A node that publishes nothing by itself, and relays beside it that begin and end as told. */
public final class StoreWithRelays {
  private static final Duration SOON = Duration.ofSeconds(30);

  static final int PARTITIONS = 2;

  /** Sooner than a node does it: a test that waits for it is in a hurry. */
  static final Duration LOOKS_AGAIN = Duration.ofMillis(400);

  /** One for all tests that leave its events as they found them; it ends with the JVM. */
  public static final StoreWithRelays SHARED = new StoreWithRelays();

  /** The node. */
  public final CommandService service =
      new CommandService(
              "--imports.relay.enabled=false",
              "--imports.replay.enabled=false",
              "--spring.main.sources=" + SecondRevision.class.getName())
          .allowingHandMadeEvents();

  /** As if the links of revision 1 had to be read as links to this campaign. */
  static class SecondRevision {
    static final UUID CAMPAIGN = UUID.fromString("8d0f7780-8536-51ef-a948-f18ad2a01bf8");

    @Bean
    EventRevisions revisions() {
      return new EventRevisions(
          Map.of(
              ImportEventType.IMPORT_CAMPAIGN_LINKED,
              List.of(event -> event.put("campaign_id", CAMPAIGN.toString()))));
    }
  }

  private StoreWithRelays() {}

  /** Topics that no other test uses. */
  static String freshTopics() {
    return "relay-" + UUID.randomUUID();
  }

  /** A relay that is not started yet. */
  Relay relay(String topics) {
    return relay(topics, Duration.ofSeconds(1));
  }

  /** One that keeps its turn for this long when it does not answer. */
  Relay relay(String topics, Duration lease) {
    return relay(topics, lease, TestKafka.bootstrapServers(), Duration.ofSeconds(10));
  }

  /** One that publishes to another Kafka, each call of which takes no longer than this. */
  Relay relay(String topics, Duration lease, String kafka, Duration timeout) {
    return relay(topics, lease, kafka, timeout, service.bean(RightStore.class));
  }

  /** One that looks in its own way whether the store is the right one. */
  Relay relay(String topics, RightStore rightStore) {
    return relay(
        topics,
        Duration.ofSeconds(1),
        TestKafka.bootstrapServers(),
        Duration.ofSeconds(10),
        rightStore);
  }

  private Relay relay(
      String topics, Duration lease, String kafka, Duration timeout, RightStore rightStore) {
    var properties =
        new RelayProperties(
            true,
            events(topics),
            states(topics),
            position(topics),
            PARTITIONS,
            (short) 1,
            1000,
            Duration.ofMillis(20),
            lease,
            timeout);
    var turn = new RelayLease(service.bean(JdbcTemplate.class), lease);
    RelayTerm.Setup setup =
        PublicationConfiguration.setup(
            service.bean(PostgresEventStorageEngine.class),
            service.bean(EventLog.class),
            properties,
            parked(),
            turn,
            Traces.OFF,
            new DefaultKafkaProducerFactory<>(Map.of("bootstrap.servers", kafka)),
            new DefaultKafkaConsumerFactory<>(Map.of("bootstrap.servers", kafka)));
    return new Relay(
        setup,
        turn,
        rightStore,
        service.bean(Notifications.class),
        service.bean(Loops.class),
        new SimpleMeterRegistry(),
        LOOKS_AGAIN);
  }

  /** What a node without a name looks by, on this database, which may be away. */
  public static RightStore ofNoName(DataSource database) {
    var noName = new PlacementProperties(null, null, Map.of(), Map.of());
    return RightStore.of(new Placement(noName, new JdbcTemplate(database)));
  }

  ParkedPublications parked() {
    return service.bean(ParkedPublications.class);
  }

  static String events(String topics) {
    return topics + ".events";
  }

  static String states(String topics) {
    return topics + ".state";
  }

  static String position(String topics) {
    return topics + ".relay";
  }

  int stored() {
    return Math.toIntExact(service.bean(EventLog.class).head());
  }

  /** Holds the topic against the store. */
  void assertPublishedEventsAreThoseOfTheStore(String topics) {
    assertPublishedEventsAreThoseOfTheStore(service, TestKafka.bootstrapServers(), events(topics));
  }

  /** Holds the topic against the store of a node. */
  static void assertPublishedEventsAreThoseOfTheStore(
      CommandService service, String kafka, String topic) {
    List<String> stored =
        service
            .bean(JdbcTemplate.class)
            .query(
                """
                select position || ' ' || event_id || ' ' || aggregate_id || ' ' || sequence_number
                from domain_event order by position
                """,
                (row, _) -> row.getString(1));
    assertThat(stored).isNotEmpty();
    var published = new ArrayList<String>(stored);
    var last = new HashMap<String, Long>();
    List<ConsumerRecord<String, byte[]>> records =
        CommittedRecords.of(kafka, topic, stored.size(), SOON);
    assertThat(records).hasSameSizeAs(stored);
    for (ConsumerRecord<String, byte[]> record : records) {
      long sequence = Long.parseLong(header(record, "ce_importsequence"));
      assertThat(sequence).isEqualTo(last.getOrDefault(record.key(), -1L) + 1);
      last.put(record.key(), sequence);
      long position = Long.parseLong(header(record, "ce_position"));
      published.set(
          (int) position - 1,
          "%s %s %s %s".formatted(position, header(record, "ce_id"), record.key(), sequence));
    }
    assertThat(published).isEqualTo(stored);
  }

  static String header(ConsumerRecord<?, ?> record, String name) {
    return new String(record.headers().lastHeader(name).value(), UTF_8);
  }
}
