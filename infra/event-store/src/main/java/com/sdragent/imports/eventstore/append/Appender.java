package com.sdragent.imports.eventstore.append;

import com.sdragent.imports.eventstore.sessions.DedicatedConnections;
import com.sdragent.imports.loops.Loops;
import com.sdragent.imports.loops.SupervisedLoop;
import com.sdragent.imports.traces.Step;
import com.sdragent.imports.traces.Traces;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Group commit: one thread stores the events of all waiting commands in one transaction, so that
 * one round trip and one flush to disk serve them all. A lock held to the commit makes positions
 * gapless and equal to the order of commits, across all nodes. {@link AppendQueue} says which
 * commands make a batch, {@link AppendSession} sends it, and {@link AppendOutcomes} says what
 * becomes of each command.
 */
public final class Appender implements AutoCloseable {
  private final EventStoreProperties properties;
  private final AppendQueue queue;
  private final AppendOutcomes outcomes;
  private final AppendTimes times;
  private final Traces traces;
  private final List<PendingAppend> atHand = new ArrayList<>();
  private final SupervisedLoop loop;

  /** One timer for all commands: one for each cost more than waking the command. */
  private final SupervisedLoop deadlines;

  private final CountDownLatch drained = new CountDownLatch(1);
  private volatile boolean closing;

  /** How long the last batch took. */
  private Duration lasted = Duration.ZERO;

  /**
   * Begins to store.
   *
   * @param arrival is told of each new session, before anything is stored in it
   * @param follower is told of what was stored
   */
  public Appender(
      DedicatedConnections connections,
      EventStoreProperties properties,
      AppendSession.Arrival arrival,
      Follower follower,
      Loops loops,
      Traces traces,
      MeterRegistry metrics) {
    this.traces = traces;
    times = new AppendTimes(metrics);
    this.properties = properties;
    queue = new AppendQueue(properties);
    outcomes =
        new AppendOutcomes(
            lastStored -> AppendSession.open(connections, properties, arrival, lastStored),
            queue::dropThoseThatGaveUp,
            follower,
            traces,
            metrics);
    Gauge.builder("imports.append.queue", queue, AppendQueue::waiting)
        .description("Commands that wait for the appender")
        .register(metrics);
    loop = loops.loop("event-appender", this::round);
    deadlines = loops.loop("append-deadlines", this::endLateWaits);
    loop.start();
    deadlines.start();
  }

  /**
   * Stores the rows, all or none, and returns when they are durable.
   *
   * @param followsEvent the import's last event, on which the rows were decided; null when only its
   *     number is known
   * @throws org.axonframework.modelling.command.ConcurrencyException when the import has changed
   *     meanwhile
   * @throws EventStoreUnavailableException when nothing was stored
   * @throws AppendOutcomeUnknownException when it is not known whether they were stored
   */
  public void append(List<EventRow> rows, @Nullable UUID followsEvent) {
    append(new PendingAppend(rows, followsEvent, properties.appendTimeout()));
  }

  /**
   * Stores the rows and the answer of the request that they are part of, all or none.
   *
   * @param result the command's, which the request's answer is made of
   * @throws AnsweredBeforeException when the same request was answered before
   * @throws OtherRequestException when the key is that of another request
   * @throws org.axonframework.modelling.command.ConcurrencyException when the import has changed
   *     meanwhile
   * @throws EventStoreUnavailableException when nothing was stored
   * @throws AppendOutcomeUnknownException when it is not known whether they were stored
   */
  public void append(
      List<EventRow> rows,
      @Nullable UUID followsEvent,
      KeyedRequest request,
      @Nullable Object result) {
    EventRow first = rows.getFirst();
    append(rows, followsEvent, request, result, first.aggregateId(), first.sequenceNumber() - 1);
  }

  /**
   * Stores the answer of a request that causes no events.
   *
   * @param importId the import on which the answer was decided
   * @param sequence the number of its last event then
   * @param lastEvent the id of that event
   * @throws RuntimeException as {@link #append(List, UUID, KeyedRequest, Object)}
   */
  public void keep(
      KeyedRequest request, @Nullable Object result, UUID importId, long sequence, UUID lastEvent) {
    append(List.of(), lastEvent, request, result, importId, sequence);
  }

  private void append(
      List<EventRow> rows,
      @Nullable UUID followsEvent,
      KeyedRequest request,
      @Nullable Object result,
      UUID importId,
      long follows) {
    var keyed =
        new KeyedAppend(request, request.answer(result), UUID.randomUUID(), importId, follows);
    append(new PendingAppend(rows, followsEvent, keyed, properties.appendTimeout()));
    request.kept();
  }

  /**
   * Finds out whether a request was answered before, and stores nothing.
   *
   * @throws AnsweredBeforeException when it was
   * @throws OtherRequestException when the key is that of another request
   * @throws EventStoreUnavailableException when that is not known
   */
  public void look(KeyedRequest request, UUID importId) {
    var keyed = new KeyedAppend(request, null, UUID.randomUUID(), importId, -1);
    append(new PendingAppend(List.of(), null, keyed, properties.appendTimeout()));
  }

  void append(PendingAppend pending) {
    if (closing) throw new EventStoreUnavailableException("The event store is shutting down");
    long begun = System.nanoTime();
    try (Step step = traces.step("append")) {
      pending.isPartOf(step.traceParent());
      try {
        queue.await(pending);
        times.stored(begun);
      } catch (RuntimeException e) {
        times.failed(begun, e);
        step.failed(e);
        throw e;
      }
    }
  }

  /** Stores the events that were accepted and then stops. */
  @Override
  public void close() {
    closing = true;
    Duration patience = properties.appendTimeout().plus(properties.statementTimeout());
    try {
      boolean _ = drained.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    loop.stop(properties.statementTimeout());
    deadlines.stop(properties.statementTimeout());
    queue.close();
  }

  private void endLateWaits() throws InterruptedException {
    deadlines.rest(queue.endLateWaits());
  }

  private void round() throws InterruptedException {
    boolean decided = false;
    try {
      queue.takeInto(atHand, lasted);
      if (!atHand.isEmpty()) {
        long begun = System.nanoTime();
        outcomes.settle(List.copyOf(atHand));
        lasted = Duration.ofNanos(System.nanoTime() - begun);
      } else if (closing && queue.isEmpty()) {
        outcomes.disconnect();
        drained.countDown();
        loop.end();
      }
      decided = true;
    } finally {
      // The failure may have come after the commit.
      if (!decided) {
        outcomes.disconnect();
        atHand.forEach(PendingAppend::broken);
      }
      atHand.clear();
    }
  }
}
