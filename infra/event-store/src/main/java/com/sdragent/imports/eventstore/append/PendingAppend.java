package com.sdragent.imports.eventstore.append;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.axonframework.eventsourcing.eventstore.EventStoreException;
import org.axonframework.modelling.command.AggregateStreamCreationException;
import org.axonframework.modelling.command.ConcurrencyException;
import org.jspecify.annotations.Nullable;

/**
 * The events of one command, waiting to be stored together or not at all. A command that has a key
 * may be without events.
 */
final class PendingAppend {
  private enum Stage {
    /** PostgreSQL has not seen the append, or has said that it did not store it. */
    WAITING,
    /** PostgreSQL has the append and has not answered yet. */
    SENT,
    /** An answer was lost: PostgreSQL may have stored the append, until it decides on a copy. */
    IN_DOUBT,
    /** The command has been answered: the append must not be sent, or not again. */
    GIVEN_UP
  }

  private final List<EventRow> rows;
  private final @Nullable UUID followsEvent;
  private final @Nullable KeyedAppend keyed;
  private final UUID importId;
  private final UUID organization;
  private final long follows;
  private final long until;

  /** Written before the append is handed over. */
  private @Nullable String traceParent;

  private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.WAITING);
  private final CompletableFuture<Void> stored = new CompletableFuture<>();

  /**
   * @param followsEvent the event that must be the import's last for these to follow; null when
   *     only its number is known
   * @param timeout how long the command waits for an outcome, from now on
   */
  PendingAppend(List<EventRow> rows, @Nullable UUID followsEvent, Duration timeout) {
    this(rows, followsEvent, null, timeout);
  }

  /**
   * @param keyed what is to be done about the command's key, if it has one
   */
  PendingAppend(
      List<EventRow> rows,
      @Nullable UUID followsEvent,
      @Nullable KeyedAppend keyed,
      Duration timeout) {
    this.rows = List.copyOf(rows);
    this.followsEvent = followsEvent;
    this.keyed = keyed;
    if (keyed != null && rows.isEmpty()) {
      importId = keyed.importId();
      organization = keyed.request().organization();
      follows = keyed.follows();
    } else {
      EventRow first = rows.getFirst();
      importId = first.aggregateId();
      organization = first.organization();
      follows = first.sequenceNumber() - 1;
    }
    until = System.nanoTime() + timeout.toNanos();
  }

  /** None when the command has a key and no event. */
  List<EventRow> rows() {
    return rows;
  }

  UUID aggregateId() {
    return importId;
  }

  UUID organization() {
    return organization;
  }

  /** The sequence number that must be the import's last for these events to follow. */
  long follows() {
    return follows;
  }

  @Nullable KeyedAppend keyed() {
    return keyed;
  }

  @Nullable UUID followsEvent() {
    return followsEvent;
  }

  /** Names the step of the request that this append is, which may be null. */
  void isPartOf(@Nullable String traceParent) {
    this.traceParent = traceParent;
  }

  /** The step of the request that this append is, or null when nothing is traced. */
  @Nullable String traceParent() {
    return traceParent;
  }

  /** How long the command still waits; never negative. */
  Duration left() {
    return Duration.ofNanos(Math.max(0, until - System.nanoTime()));
  }

  /** Claims the append for sending; false once the command has given up waiting. */
  boolean send() {
    return stage.compareAndSet(Stage.WAITING, Stage.SENT) || stage.get() != Stage.GIVEN_UP;
  }

  /** Notes the answer that nothing was stored; an append in doubt stays in doubt. */
  void takenBack() {
    stage.compareAndSet(Stage.SENT, Stage.WAITING);
  }

  /** Notes that no answer came, or none that says whether the append was stored. */
  void answerLost() {
    stage.compareAndSet(Stage.SENT, Stage.IN_DOUBT);
  }

  /** Whether an answer was lost, so that only PostgreSQL's decision on a copy settles it. */
  boolean isInDoubt() {
    return stage.get() == Stage.IN_DOUBT;
  }

  /** Whether somebody waits for an outcome that is not known yet. */
  boolean isWaitedFor() {
    return stage.get() != Stage.GIVEN_UP && !stored.isDone();
  }

  void stored() {
    stored.complete(null);
  }

  /**
   * Ends the wait because the command's key has an answer: this append's own, or an earlier one.
   */
  void answeredBefore(KeyedAppend.First first) {
    if (keyed == null || first.attempt().equals(keyed.attempt())) stored();
    else if (first.digest().equals(keyed.request().digest()))
      failed(new AnsweredBeforeException(first.answer()));
    else failed(new OtherRequestException());
  }

  void failed(RuntimeException reason) {
    stored.completeExceptionally(reason);
  }

  /** Ends the wait because the appender failed in an unforeseen way. */
  void broken() {
    failed(
        stage.get() == Stage.WAITING || storesNothing()
            ? new EventStoreUnavailableException("The event store failed")
            : new AppendOutcomeUnknownException("The event store failed"));
  }

  void conflicted() {
    failed(
        follows < 0
            ? new AggregateStreamCreationException("Import " + importId + " exists already")
            : new ConcurrencyException(
                "Import "
                    + importId
                    + " has no last sequence number "
                    + follows()
                    + (followsEvent == null ? "" : " with the event " + followsEvent)
                    + " to follow"));
  }

  /**
   * Waits for the outcome. The wait has no timer of its own: {@link #giveUp} ends it.
   *
   * @throws EventStoreUnavailableException when the time was up before anything was sent
   * @throws AppendOutcomeUnknownException when the time was up and the events may have been stored
   */
  void await() {
    try {
      stored.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      giveUp();
    } catch (ExecutionException e) {
      // The outcome is looked at below, in whichever way it was reached.
    }
    if (!stored.isCompletedExceptionally()) return;
    Throwable reason = stored.exceptionNow();
    if (reason instanceof RuntimeException known) throw known;
    throw new EventStoreException("Appending failed", reason);
  }

  /** Ends the wait because its time is up; an outcome that is known already stays. */
  void giveUp() {
    boolean wasSent = stage.getAndSet(Stage.GIVEN_UP) != Stage.WAITING && !storesNothing();
    if (stored.isDone()) return;
    failed(
        wasSent
            ? new AppendOutcomeUnknownException(
                "The event store did not confirm the events in time")
            : new EventStoreUnavailableException(
                "The event store did not take the events in time"));
  }

  /** Whether the command only asks what is known of its key. */
  private boolean storesNothing() {
    return rows.isEmpty() && (keyed == null || keyed.answer() == null);
  }
}
