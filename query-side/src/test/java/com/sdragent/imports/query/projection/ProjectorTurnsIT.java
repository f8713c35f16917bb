package com.sdragent.imports.query.projection;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.Notifications;
import com.sdragent.imports.loops.Loops;
import com.sdragent.imports.query.QueryService;
import com.sdragent.imports.traces.Traces;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionCallback;
import org.springframework.transaction.support.TransactionTemplate;

/** Of many projectors, one works. Here each stands for a node. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProjectorTurnsIT {
  private static final int NODES = 5;
  private static final int COMMITS = 40;

  private final List<Node> nodes = new ArrayList<>();
  private QueryService service;

  private record Node(Projector projector, Looks looks) {}

  /** Counts the transactions in which a projector looks for events. */
  private static class Looks extends TransactionTemplate {
    private static final long serialVersionUID = 1L;
    private final AtomicInteger count = new AtomicInteger();

    Looks(PlatformTransactionManager transactions) {
      super(transactions);
    }

    @Override
    public <T extends @Nullable Object> T execute(TransactionCallback<T> action) {
      count.incrementAndGet();
      return super.execute(action);
    }
  }

  /** Batches that take long, and how long each took and the projector rested after it. */
  private static final class SlowBatches extends Looks {
    private static final long serialVersionUID = 1L;
    private final transient JdbcTemplate store;
    private final transient List<Rest> rests = new CopyOnWriteArrayList<>();
    private long took;
    private long ended;

    record Rest(Duration batch, Duration rest) {}

    SlowBatches(PlatformTransactionManager transactions, JdbcTemplate store) {
      super(transactions);
      this.store = store;
    }

    @Override
    public <T extends @Nullable Object> T execute(TransactionCallback<T> action) {
      long begun = System.nanoTime();
      if (took > 0) rests.add(new Rest(Duration.ofNanos(took), Duration.ofNanos(begun - ended)));
      store.execute("select pg_sleep(0.01)");
      T result = super.execute(action);
      ended = System.nanoTime();
      boolean applied = result instanceof ProjectionBatches.Turn turn && !turn.events().isEmpty();
      took = applied ? ended - begun : 0;
      return result;
    }
  }

  @BeforeAll
  void start() {
    service = new QueryService();
    service.bean(Projectors.class).stop();
  }

  @AfterAll
  void end() {
    service.close();
  }

  @BeforeEach
  void startNodes() {
    for (int i = 0; i < NODES; i++) nodes.add(node());
    nodes.forEach(node -> node.projector().start());
  }

  @AfterEach
  void stopNodes() {
    nodes.forEach(node -> node.projector().stop());
    nodes.clear();
  }

  @Test
  void a_commit_has_one_node_ask_the_database() {
    project();
    int before = looks();
    for (int i = 0; i < COMMITS; i++) project();
    // Each of the others looked for each of them otherwise.
    assertThat(looks() - before).isBetween(COMMITS, 2 * COMMITS);
  }

  @Test
  void events_gather_eight_times_as_long_as_a_slow_batch_took() {
    stopNodes();
    var slow = new SlowBatches(service.bean(PlatformTransactionManager.class), service.store());
    var usually = Duration.ofMillis(20);
    nodes.add(node(slow, usually));
    nodes.getFirst().projector().start();
    for (int i = 0; i < 5; i++) project();
    assertThat(slow.rests)
        .hasSizeGreaterThanOrEqualTo(4)
        .allSatisfy(
            after ->
                assertThat(after.rest())
                    .isGreaterThanOrEqualTo(Loops.rest(after.batch().multipliedBy(8), usually)));
  }

  @Test
  void what_any_login_may_say_fails_no_round_of_those_who_listen() {
    service
        .store()
        .query(
            "select pg_notify('domain_event', 'x'), pg_notify('projection', 'imports x')", _ -> {});
    project();
    project();
    assertThat(
            service
                .bean(MeterRegistry.class)
                .get("imports.loop.failures")
                .tag("loop", "notifications")
                .counter()
                .count())
        .isZero();
  }

  @Test
  void another_node_takes_the_next_turn_when_the_one_that_had_it_is_gone() {
    for (int left = NODES; left > 1; left--) {
      project();
      Node last =
          nodes.stream().filter(node -> !node.projector().standsBy()).findFirst().orElseThrow();
      last.projector().stop();
      nodes.remove(last);
      project();
    }
  }

  @Test
  void a_turn_that_ends_without_a_batch_is_taken_by_another_node() throws Exception {
    project();
    try (Connection other = lockProjection()) {
      long position = service.create(UUID.randomUUID());
      int before = looks();
      await().until(() -> looks() > before + 2 * NODES);
      other.rollback();
      awaitProjected(position);
    }
  }

  @Test
  void a_node_on_which_a_request_waits_takes_the_turn_at_once() {
    project();
    Node other =
        nodes.stream().filter(node -> node.projector().standsBy()).findFirst().orElseThrow();
    nodes.stream().filter(node -> !node.equals(other)).forEach(node -> node.projector().stop());
    int before = other.looks().count.get();
    long position = service.create(UUID.randomUUID());
    other.projector().projection().progress().await(position, Duration.ofSeconds(20));
    assertThat(other.projector().projection().progress().position()).isEqualTo(position);
    assertThat(other.looks().count.get()).isGreaterThan(before);
  }

  @Test
  void what_is_unknown_stops_a_node_at_once_that_applied_what_came_before_it() {
    List<Node> others = nodes.subList(1, NODES);
    others.forEach(node -> node.projector().stop());
    others.clear();
    project();
    appendAfterKnown("ImportArchived");
    try {
      // It looks once in 30 s without any reason.
      await().until(() -> problems() == 1);
    } finally {
      rollOut("ImportArchived");
    }
  }

  @Test
  void a_node_that_stopped_says_so_until_it_has_a_turn_itself() throws Exception {
    project();
    appendAfterKnown("ImportShelved");
    await().until(() -> problems() == NODES);
    try (Connection other = lockProjection()) {
      int before = looks();
      await().until(() -> looks() > before + 2 * NODES);
      assertThat(problems()).isEqualTo(NODES);
      other.rollback();
    } finally {
      rollOut("ImportShelved");
    }
    await().until(() -> problems() == 0);
  }

  /** Commits an event and one of another type, of which nodes are told together. */
  private void appendAfterKnown(String type) {
    new TransactionTemplate(
            new DataSourceTransactionManager(requireNonNull(service.store().getDataSource())))
        .executeWithoutResult(
            _ -> {
              service.createAtOnce(2, QueryService.ORGANIZATION);
              service
                  .store()
                  .update(
                      "update domain_event set event_type = ?"
                          + " where position = (select max(position) from domain_event)",
                      type);
            });
  }

  /** Here events of this type become such as this version knows. */
  private void rollOut(String type) {
    service
        .store()
        .update("update domain_event set event_type = 'ImportCreated' where event_type = ?", type);
    project();
  }

  private long problems() {
    return nodes.stream().filter(node -> node.projector().problem() != null).count();
  }

  private Connection lockProjection() throws SQLException {
    Connection other = requireNonNull(service.store().getDataSource()).getConnection();
    other.setAutoCommit(false);
    try (var statement = other.createStatement()) {
      statement.execute("select from projection where name = 'imports' for update");
    }
    return other;
  }

  /** Commits an event and waits until it is projected. */
  private void project() {
    awaitProjected(service.create(UUID.randomUUID()));
  }

  private void awaitProjected(long position) {
    ProjectionPosition projected = nodes.getFirst().projector().projection().position();
    await().pollInterval(Duration.ofMillis(5)).until(() -> projected.last().position() == position);
  }

  private int looks() {
    return nodes.stream().mapToInt(node -> node.looks().count.get()).sum();
  }

  private Node node() {
    return node(new Looks(service.bean(PlatformTransactionManager.class)), Duration.ZERO);
  }

  private Node node(Looks looks, Duration batchTime) {
    var projection =
        RunningProjection.of(
            service.bean(Projections.class).named("imports").orElseThrow().projection(),
            service.bean(JdbcTemplate.class));
    var projector =
        new Projector(
            projection,
            new ProjectionBatches<>(projection, looks, service.bean(EventLog.class), 100),
            Duration.ofMillis(100),
            batchTime,
            service.bean(Notifications.class),
            service.bean(Loops.class),
            service.bean(Traces.class),
            new SimpleMeterRegistry());
    return new Node(projector, looks);
  }
}
