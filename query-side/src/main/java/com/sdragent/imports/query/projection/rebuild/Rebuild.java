package com.sdragent.imports.query.projection.rebuild;

import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.query.projection.Generation;
import com.sdragent.imports.query.projection.RunningProjection;
import com.sdragent.imports.query.projection.parked.FailureReason;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.transaction.TransactionStatus;

/**
 * Builds the next generation of a projection, {@link Phase} by phase, step by step. Each is a
 * transaction that also notes how far it came, so any node can take the next one, even after a
 * crash. Most take a second or less; one that makes an index of a large table may take hours
 * ({@link LongTransactions}).
 */
final class Rebuild {
  private final LongTransactions transactions;
  private final Rebuilds rebuilds;
  private final Map<Phase, PhaseStep> steps = new EnumMap<>(Phase.class);

  <S> Rebuild(
      RunningProjection<S> projection, LongTransactions transactions, EventLog log, int batchSize) {
    this.transactions = transactions;
    this.rebuilds = Rebuilds.of(projection);
    steps.put(Phase.LOADING, new Loading<>(projection, transactions, log, batchSize));
    steps.put(Phase.INDEXING, new Indexing(projection.projection()));
    steps.put(Phase.CATCHING_UP, new CatchingUp(projection, log, batchSize));
    steps.put(Phase.COMPARING, new Comparing(projection, log, batchSize));
    steps.put(Phase.EMPTYING, new Emptying(projection.projection()));
  }

  /** The result of a step. */
  private sealed interface Taken {
    /** The step was not for this node. */
    record Not() implements Taken {}

    /** The step is committed, or rolled back because the rebuild was cancelled meanwhile. */
    record Once() implements Taken {}

    /** The step is rolled back, and would be rolled back again. */
    record InVain(String reason) implements Taken {}
  }

  /** Whether one is running, so that there may be a step to take. */
  boolean isUnderWay() {
    return rebuilds.isRunning();
  }

  /**
   * Takes the next step of the running rebuild, unless another node is just doing so.
   *
   * @return whether there may be another
   */
  boolean step() {
    return switch (taken()) {
      case Taken.Not _ -> false;
      case Taken.Once _ -> true;
      case Taken.InVain vain -> {
        rebuilds.fail(vain.reason());
        yield false;
      }
    };
  }

  /** Keeps why a step has to be repeated, until one succeeds, and returns it. */
  String noteFailure(RuntimeException e) {
    String reason = FailureReason.of(e);
    try {
      rebuilds.note(reason);
    } catch (DataAccessException lost) {
      // The database is away, and that was the reason.
    }
    return reason;
  }

  private Taken taken() {
    try {
      return takenTogether();
    } catch (DataIntegrityViolationException | BadSqlGrammarException e) {
      return new Taken.InVain(FailureReason.of(e));
    }
  }

  private Taken takenTogether() {
    try {
      return transactions.run(status -> take(status, false));
    } catch (DataAccessException e) {
      if (!Generation.isRefused(e)) throw e;
      // Some row cannot be stored: storing events one by one shows which.
      return transactions.run(status -> take(status, true));
    }
  }

  private Taken take(TransactionStatus transaction, boolean oneByOne) {
    Place place = rebuilds.isMyTurn() ? rebuilds.running() : null;
    if (place == null) return new Taken.Not();
    Optional<PhaseStep> step = Phase.labelled(place.phase()).map(steps::get);
    Outcome outcome =
        step.isPresent()
            ? step.get().take(place, oneByOne)
            : new Outcome.Impossible("The phase " + place.phase() + " is unknown");
    return switch (outcome) {
      case Outcome.Done done -> {
        // This comes last, because others may wait for that row afterwards.
        if (!rebuilds.advance(place.id(), done)) transaction.setRollbackOnly();
        yield new Taken.Once();
      }
      case Outcome.Impossible impossible -> {
        transaction.setRollbackOnly();
        yield new Taken.InVain(impossible.reason());
      }
    };
  }
}
