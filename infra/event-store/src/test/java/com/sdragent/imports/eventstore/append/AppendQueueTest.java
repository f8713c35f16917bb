package com.sdragent.imports.eventstore.append;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.axonframework.eventhandling.GenericEventMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AppendQueueTest {
  /** The longest that is allowed: nothing here waits for it to be over. */
  private static final Duration GATHER_TIME = Duration.ofMillis(100);

  private static final Duration APPEND_TIMEOUT = Duration.ofSeconds(30);

  private AppendQueue queue = queue(1000);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /** How long the batch before took. */
  private Duration lasted = Duration.ZERO;

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  @Test
  void as_many_commands_as_came_together_before_make_the_next_batch() throws Exception {
    threeComeTogether();
    send(1);
    Future<List<PendingAppend>> next = threads.submit((Callable<List<PendingAppend>>) this::take);
    send(2);
    assertThat(next.get()).hasSize(3);
  }

  @Test
  void after_a_batch_that_took_long_others_have_longer_to_come() throws Exception {
    threeComeTogether();
    send(1);
    lasted = Duration.ofMinutes(1);
    long start = System.nanoTime();
    assertThat(take()).hasSize(1);
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isGreaterThanOrEqualTo(GATHER_TIME.multipliedBy(5));
  }

  @Test
  void a_full_batch_waits_for_nobody() throws Exception {
    queue = queue(3);
    threeComeTogether();
    send(3);
    await().until(() -> queue.waiting() == 3);
    lasted = Duration.ofMinutes(1);
    long start = System.nanoTime();
    assertThat(take()).hasSize(3);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(GATHER_TIME.multipliedBy(5));
  }

  @Test
  void what_came_together_once_is_forgotten_when_it_does_not_come_again() throws Exception {
    threeComeTogether();
    for (int alone = 0; alone < 20; alone++) {
      send(1);
      assertThat(take()).hasSize(1);
    }
    // Whoever is alone is not kept waiting for a second command, even if that could still come.
    long start = System.nanoTime();
    var batches = new ArrayList<Integer>();
    for (int alone = 0; alone < 20; alone++) {
      send(1);
      batches.add(take().size());
    }
    assertThat(batches).containsOnly(1);
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isLessThan(GATHER_TIME.multipliedBy(20));
  }

  @Test
  void commands_without_events_share_a_batch_although_they_are_about_one_import() throws Exception {
    var row = row();
    var batch = new ArrayList<PendingAppend>();
    for (int i = 0; i < 5; i++) batch.add(unchanged("k" + i, row));
    batch.add(new PendingAppend(List.of(row), null, APPEND_TIMEOUT));
    for (PendingAppend pending : batch) threads.execute(() -> queue.await(pending));
    await().until(() -> queue.waiting() == batch.size());
    assertThat(take()).containsExactlyInAnyOrderElementsOf(batch);

    // Of each key and of each import with events, there is still one.
    for (PendingAppend pending :
        List.of(
            unchanged("k", row),
            unchanged("k", row),
            new PendingAppend(List.of(row), null, APPEND_TIMEOUT),
            new PendingAppend(List.of(row), null, APPEND_TIMEOUT))) {
      threads.execute(() -> queue.await(pending));
    }
    await().until(() -> queue.waiting() == 4);
    assertThat(take()).hasSize(2);
    assertThat(take()).hasSize(2);
  }

  @Test
  void a_command_whose_time_is_up_is_told_whether_it_was_sent() throws Exception {
    var waiting = new PendingAppend(List.of(row()), null, Duration.ofMillis(1));
    var sent = new PendingAppend(List.of(row()), null, Duration.ofMillis(1));
    assertThat(sent.send()).isTrue();
    Future<?> first = threads.submit(() -> queue.await(waiting));
    Future<?> second = threads.submit(() -> queue.await(sent));
    await().until(() -> queue.waiting() == 2);
    await()
        .until(
            () -> {
              queue.endLateWaits();
              return first.isDone() && second.isDone();
            });
    assertThat(first.exceptionNow()).isInstanceOf(EventStoreUnavailableException.class);
    assertThat(second.exceptionNow()).isInstanceOf(AppendOutcomeUnknownException.class);
    assertThat(waiting.send()).isFalse();
  }

  @Test
  void late_commands_are_looked_for_when_the_first_can_be_late() throws Exception {
    assertThat(queue.endLateWaits()).isEqualTo(APPEND_TIMEOUT);
    send(1);
    await().until(() -> queue.waiting() == 1);
    await().until(() -> queue.endLateWaits().compareTo(APPEND_TIMEOUT) < 0);
    assertThat(take()).hasSize(1);
    await().until(() -> queue.endLateWaits().equals(APPEND_TIMEOUT));
  }

  @Test
  void nobody_waits_for_a_queue_that_was_closed() {
    Future<?> early =
        threads.submit(() -> queue.await(new PendingAppend(List.of(row()), null, APPEND_TIMEOUT)));
    await().until(() -> queue.waiting() == 1);
    queue.close();
    await().until(early::isDone);
    assertThat(early.exceptionNow()).isInstanceOf(EventStoreUnavailableException.class);
    Future<?> late =
        threads.submit(() -> queue.await(new PendingAppend(List.of(row()), null, APPEND_TIMEOUT)));
    await().until(late::isDone);
    assertThat(late.exceptionNow()).isInstanceOf(EventStoreUnavailableException.class);
  }

  @Test
  void an_outcome_that_came_in_time_stays() {
    var pending = new PendingAppend(List.of(row()), null, Duration.ZERO);
    pending.stored();
    pending.giveUp();
    pending.await();
  }

  private static AppendQueue queue(int batchSize) {
    return new AppendQueue(
        new EventStoreProperties(
            APPEND_TIMEOUT, Duration.ofSeconds(1), batchSize, GATHER_TIME, 100, 100, 7));
  }

  private void send(int commands) {
    for (int i = 0; i < commands; i++) {
      var pending = new PendingAppend(List.of(row()), null, APPEND_TIMEOUT);
      threads.execute(() -> queue.await(pending));
    }
  }

  /** A request under this key that changes nothing in the import. */
  private static PendingAppend unchanged(String key, EventRow of) {
    var request = new KeyedRequest(of.organization(), key, "11".repeat(32), _ -> "");
    var keyed = new KeyedAppend(request, "", UUID.randomUUID(), of.aggregateId(), 0);
    return new PendingAppend(List.of(), UUID.randomUUID(), keyed, APPEND_TIMEOUT);
  }

  private List<PendingAppend> take() throws InterruptedException {
    var batch = new ArrayList<PendingAppend>();
    while (batch.isEmpty()) queue.takeInto(batch, lasted);
    batch.forEach(PendingAppend::stored);
    return batch;
  }

  private void threeComeTogether() throws Exception {
    send(3);
    await().until(() -> queue.waiting() == 3);
    assertThat(take()).hasSize(3);
  }

  private static EventRow row() {
    UUID id = UUID.randomUUID();
    return new EventRow(
        id,
        0,
        UUID.randomUUID(),
        "ImportCreated",
        1,
        UUID.randomUUID(),
        Instant.EPOCH,
        "{}",
        "{}",
        new byte[32],
        GenericEventMessage.asEventMessage("{}"));
  }
}
