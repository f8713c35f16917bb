package com.sdragent.imports.deploy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sdragent.imports.testservers.CrashablePostgres;
import com.sdragent.imports.testservers.HandMadeEvents;
import com.sdragent.imports.testservers.StoppableKafka;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the runbooks are for is broken under load on two nodes of each side: the alert fires, and
 * what its runbook says ends it.
 */
@Tag("soak")
class AlertsIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** The lock of all appends. */
  private static final String APPENDS = "select pg_advisory_xact_lock(4919131752989213764)";

  /** An organization that asks for leave often, because it has few requests at once. */
  private static final String LIMITED = "223e4567-e89b-12d3-a456-426614174000";

  private static final String LIMITED_KEY = "sk_of_a_limited_organization";

  @TempDir static Path directory;
  private static CrashablePostgres postgres;
  private static StoppableKafka kafka;
  private static WatchedService service;
  private Load load;

  @BeforeAll
  static void start() throws IOException {
    assumeTrue(
        WatchedService.canBeWatched(),
        "The alerts are not tried: that needs Prometheus, which is not there.");
    postgres = CrashablePostgres.start();
    kafka = StoppableKafka.running();
    service =
        new WatchedService(
            directory,
            postgres.database(),
            kafka.bootstrapServers(),
            2,
            true,
            Map.of(
                "imports.access.limits.shared", "true",
                "imports.query.long-polls-per-organization", "1",
                "imports.query.long-polls", "2",
                "imports.access.api-keys[1].key", LIMITED_KEY,
                "imports.access.api-keys[1].name", "limited",
                "imports.access.api-keys[1].organization", LIMITED,
                "imports.access.limits.organizations[0].organization", LIMITED,
                "imports.access.limits.organizations[0].per-key.requests", "600"));
    HandMadeEvents.allowIn(postgres.database());
  }

  @AfterAll
  static void stop() {
    if (service != null) service.close();
    if (kafka != null) kafka.close();
    if (postgres != null) postgres.close();
  }

  @BeforeEach
  void load() {
    load = new Load();
    awaitCalm();
  }

  /** Each test leaves all as it was, so each mend is proved. */
  @AfterEach
  void calm() {
    awaitCalm();
    load.close();
  }

  @Test
  void a_node_that_was_killed() {
    service.kill("query-2");
    awaitFiring("ImportsNodeDown");
    service.startAgain("query-2");
  }

  @Test
  void postgresql_is_away() {
    postgres.stop();
    awaitFiring("ImportsAnswersFail", "ImportsWritesNotStored");
    postgres.restart();
  }

  @Test
  void kafka_is_away() {
    kafka.stop();
    awaitFiring("ImportsNobodyPublishes", "ImportsPublishingBehind");
    kafka.start();
  }

  @Test
  void a_session_holds_the_lock_of_appends_again_and_again() {
    try (var _ = new Held(Duration.ofMillis(2500), APPENDS)) {
      awaitFiring("ImportsWritesSlow");
    }
  }

  @Test
  void more_commands_come_than_are_stored() {
    try (var _ = new Held(Duration.ofSeconds(2), APPENDS);
        var _ = new Crowd(900, () -> service.create("command-1"))) {
      awaitFiring("ImportsAppendQueueLong");
    }
  }

  @Test
  void a_session_holds_up_the_projections() throws Exception {
    try (var _ = new Held("select * from projection for update")) {
      awaitFiring("ImportsProjectionBehind", "ImportsReadsWait", "ImportsReadsSlow");
      execute(
          "select pg_terminate_backend(pid) from (select pid from pg_stat_activity where xact_start"
              + " < now() - interval '10 s' order by xact_start limit 1) oldest");
      awaitCalm();
    }
  }

  @Test
  void more_requests_wait_than_may() throws Exception {
    String id = service.create("command-1");
    try (var _ =
        new Crowd(
            6,
            () -> service.send("query-1", "GET", "/imports/" + id + "?wait=2&until=failed", ""))) {
      awaitFiring("ImportsReadsRefused");
    }
  }

  @Test
  void an_event_that_follows_from_nothing_is_parked_until_it_is_discarded() throws Exception {
    load.close();
    String id = service.create("command-1");
    long position = append(id, 1, "ImportDeleted", "null");
    awaitFiring("ImportsEventsParked", "ImportsPublicationParked");
    for (String projection : List.of("imports", "summary")) {
      assertDone("query-1", "/admin/projections/" + projection + "/parked/" + position);
    }
    assertDone("command-1", "/admin/publication/parked/" + position);
  }

  /** The runbook says to upgrade the node; here the event that it does not know is taken away. */
  @Test
  void an_event_of_a_later_version_stops_projections_and_publishing() throws Exception {
    load.close();
    String id = service.create("command-1");
    long position = append(id, 1, "ImportMerged", "{}");
    awaitFiring("ImportsProjectionStopped", "ImportsRelayStopped");
    execute("delete from domain_event where position = " + position);
  }

  @Test
  void a_topic_that_would_lose_events_stops_publishing_until_it_is_mended() throws Exception {
    setPolicy("compact");
    // a relay looks at the topics when its turn begins
    service.kill("command-1");
    service.startAgain("command-1");
    service.kill("command-2");
    service.startAgain("command-2");
    awaitFiring("ImportsRelayStopped", "ImportsNobodyPublishes");
    setPolicy("delete");
  }

  @Test
  void somebody_guesses_keys() {
    try (var _ =
        new Crowd(
            2,
            () -> service.send("query-1", "GET", "/imports/", "", "sk_of_nobody_that_is_known"))) {
      awaitFiring("ImportsCredentialsGuessed");
    }
  }

  @Test
  void a_session_holds_up_the_shared_limits() {
    try (var _ = new Held("lock table request_quota");
        var _ = new Crowd(4, () -> service.send("query-1", "GET", "/imports/", "", LIMITED_KEY))) {
      awaitFiring("ImportsLimitsUnshared");
    }
  }

  /** Commands read what they change, and here it cannot be read. */
  @Test
  void commands_wait_for_connections_while_a_session_keeps_what_they_read() {
    try (var _ = new Held("lock table snapshot");
        var _ =
            new Crowd(
                40,
                () -> service.send("command-1", "PUT", "/imports/" + UUID.randomUUID(), "{}"))) {
      awaitFiring("ImportsConnectionsShort");
    }
  }

  private static void awaitFiring(String... alerts) {
    for (String alert : alerts) {
      await(alert).atMost(PATIENCE).until(() -> state(alert).equals("firing"));
      System.out.printf("%s fires%n", alert);
    }
  }

  private static String state(String alert) {
    return requireNonNull(service.alerts().get(alert)).get("state").stringValue();
  }

  private static void awaitCalm() {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(service.alerts().keySet())
                    .isNotEmpty()
                    .allSatisfy(alert -> assertThat(state(alert)).as(alert).isEqualTo("inactive")));
  }

  private static void assertDone(String node, String path) throws Exception {
    assertThat(service.send(node, "DELETE", path, "").statusCode()).isEqualTo(200);
  }

  private static void setPolicy(String policy) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      admin
          .incrementalAlterConfigs(
              Map.of(
                  new ConfigResource(ConfigResource.Type.TOPIC, "boards.events"),
                  List.of(
                      new AlterConfigOp(
                          new ConfigEntry("cleanup.policy", policy), AlterConfigOp.OpType.SET))))
          .all()
          .get();
    }
  }

  private static void execute(String sql) throws SQLException {
    try (Connection session = postgres.database().connect();
        Statement statement = session.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Stores an event that no node wrote, and returns its position. */
  private static long append(String id, int sequence, String type, String payload)
      throws SQLException {
    try (Connection session = postgres.database().connect();
        Statement statement = session.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                insert into domain_event (position, aggregate_id, sequence_number, event_id,
                    event_type, revision, organization, occurred_at, payload, metadata)
                values ((select max(position) + 1 from domain_event), '%s', %s, gen_random_uuid(),
                    '%s', 1, '%s', clock_timestamp(), '%s', '{}')
                returning position
                """
                    .formatted(id, sequence, type, WatchedService.ORGANIZATION, payload))) {
      row.next();
      long position = row.getLong(1);
      execute("select pg_notify('domain_event', '" + position + "')");
      return position;
    }
  }

  private interface Act {
    void run() throws Exception;
  }

  /** So many clients that do the same again and again, whatever comes of it. */
  private static final class Crowd implements AutoCloseable {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile boolean ended;

    Crowd(int size, Act act) {
      for (int i = 0; i < size; i++) {
        threads.execute(
            () -> {
              while (!ended) {
                try {
                  act.run();
                } catch (Exception e) {
                  // What is broken gives no answer.
                }
                LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
              }
            });
      }
    }

    @Override
    public void close() {
      ended = true;
      threads.close();
    }
  }

  /** What clients do all the time: a write and a read of it on each pair of nodes. */
  private static final class Load implements AutoCloseable {
    private final List<Crowd> crowds = new ArrayList<>();

    Load() {
      for (int pair : List.of(1, 2)) crowds.add(new Crowd(2, () -> act(pair)));
    }

    private void act(int pair) throws IOException, InterruptedException {
      String id = service.create("command-" + pair);
      service.send("query-" + pair, "GET", "/imports/" + id, "");
      service.send("command-" + pair, "PUT", "/imports/" + id, "{\"total_rows\": 5}");
      // most reads of real clients are not of what was written just now
      for (int read = 0; read < 5; read++) {
        service.send("query-" + pair, "GET", "/imports/" + id, "");
      }
    }

    @Override
    public void close() {
      crowds.forEach(Crowd::close);
    }
  }

  /** A session that holds what others need, for good or again and again with short breaks. */
  private static final class Held implements AutoCloseable {
    private final Thread holding;
    private volatile boolean ended;

    Held(String lock) {
      this(Duration.ofDays(1), lock);
    }

    Held(Duration each, String lock) {
      holding = Thread.ofPlatform().daemon().start(() -> hold(each, lock));
    }

    private void hold(Duration each, String lock) {
      try (Connection session = postgres.database().connect();
          Statement statement = session.createStatement()) {
        session.setAutoCommit(false);
        while (!ended) {
          statement.execute(lock);
          LockSupport.parkNanos(each.toNanos());
          session.commit();
        }
      } catch (SQLException e) {
        System.out.printf("The session of %s was ended: %s%n", lock, e.getMessage());
      }
    }

    @Override
    public void close() {
      ended = true;
      LockSupport.unpark(holding);
      try {
        holding.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
