package com.sdragent.imports.query.projection.rebuild;

import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.EventLog.ImportOrder;
import com.sdragent.imports.eventstore.EventPart;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.query.projection.Generation;
import com.sdragent.imports.query.projection.Projection.Folded;
import com.sdragent.imports.query.projection.RecordedEvents;
import com.sdragent.imports.query.projection.RunningProjection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.CannotAcquireLockException;

/**
 * Applies events up to a position import by import, so that each import is written once and folded
 * in constant memory, unless its events are stored each by itself, for which all are gathered. The
 * next events are read while these are written.
 */
final class Loading<S> implements PhaseStep {
  private final RunningProjection<S> projection;
  private final LongTransactions transactions;
  private final EventLog log;
  private final int batchSize;
  private @Nullable Ahead ahead;

  Loading(
      RunningProjection<S> projection, LongTransactions transactions, EventLog log, int batchSize) {
    this.projection = projection;
    this.transactions = transactions;
    this.log = log;
    this.batchSize = batchSize;
  }

  /** Events that are being read by another thread. */
  private record Ahead(long rebuild, ImportOrder from, Future<EventPart> part) {}

  @Override
  public Outcome take(Place place, boolean oneByOne) {
    UUID last = place.lastImport();
    if (last == null) {
      projection.projection().empty(place.generation());
      projection.parkedByRebuild().clear();
    }
    var loaded = new Loaded(place.generation(), projection.rebuilt(place.generation()), oneByOne);
    ImportOrder from = last == null ? ImportOrder.START : new ImportOrder(last, Long.MAX_VALUE);
    while (true) {
      EventPart part = read(place, from);
      List<RecordedEvent> events = part.events();
      Map<Long, UUID> leftOut = projection.leftOut(events);
      Optional<Outcome> unknown = Outcome.unlessKnown(RecordedEvents.without(events, leftOut));
      if (unknown.isPresent()) return unknown.get();
      loaded.take(events, leftOut);
      if (part.isLast()) {
        loaded.complete();
        return write(place, loaded, Phase.INDEXING);
      }
      if (loaded.lastComplete != null) {
        readAhead(place, new ImportOrder(loaded.lastComplete, Long.MAX_VALUE));
        return write(place, loaded, Phase.LOADING);
      }
      loaded.writePart();
      from = ImportOrder.at(events.getLast());
    }
  }

  private EventPart read(Place place, ImportOrder from) {
    Ahead known = ahead;
    ahead = null;
    if (known == null || known.rebuild() != place.id() || !known.from().equals(from)) {
      return readAndParse(from, place.target());
    }
    try {
      return known.part().get();
    } catch (ExecutionException e) {
      // The reading is done again in this transaction, which knows what to do about a failure.
      return readAndParse(from, place.target());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CannotAcquireLockException("Interrupted while events were read", e);
    }
  }

  /**
   * Reads what the next step will need while this one writes. The events up to a position stay the
   * same, whatever becomes of this step.
   */
  private void readAhead(Place place, ImportOrder from) {
    var reading = new FutureTask<>(() -> transactions.run(_ -> readAndParse(from, place.target())));
    ahead = new Ahead(place.id(), from, reading);
    Thread.ofPlatform().daemon().name("rebuild reading ahead").start(reading);
  }

  private EventPart readAndParse(ImportOrder from, long target) {
    EventPart part = log.inImportOrder(from, target, batchSize);
    // The first question makes an event parse; its failure comes again when the event is applied.
    part.events().forEach(RecordedEvents::isKnown);
    return part;
  }

  private Outcome write(Place place, Loaded loaded, Phase next) {
    if (!loaded.imports.isEmpty()) {
      projection.projection().fill(place.generation(), loaded.imports);
    }
    return Outcome.done(
        "phase = ?, last_import = coalesce(?, last_import), events_done = events_done + ?,"
            + " position = target",
        next.label(),
        loaded.lastComplete,
        loaded.done);
  }

  /** Imports whose events are all read. */
  private final class Loaded {
    final List<Folded<S>> imports = new ArrayList<>();
    @Nullable UUID lastComplete;
    long done;
    private final S absent = projection.projection().absent();
    private final long number;
    private final Generation<S> generation;
    private final boolean oneByOne;
    private @Nullable UUID current;
    private S state = absent;

    /** What the generation has of the import whose events are being read. */
    private S written = absent;

    private long sequence;
    private final List<RecordedEvent> toStore = new ArrayList<>();
    private boolean blocked;
    private long pending;

    /**
     * @param oneByOne whether an import's events are stored each by itself
     */
    Loaded(long number, Generation<S> generation, boolean oneByOne) {
      this.number = number;
      this.generation = generation;
      this.oneByOne = oneByOne;
    }

    void take(List<RecordedEvent> events, Map<Long, UUID> leftOut) {
      for (RecordedEvent event : events) {
        if (!event.importId().equals(current)) {
          complete();
          current = event.importId();
        }
        pending++;
        if (event.importId().equals(leftOut.get(event.position()))) continue;
        if (oneByOne) {
          toStore.add(event);
        } else {
          follow(event);
        }
      }
    }

    /** Writes what is read of an import so far, so that nothing grows with the events it has. */
    void writePart() {
      if (oneByOne) {
        storeOneByOne();
      } else if (current != null && !state.equals(written)) {
        var part = new Folded<>(current, written, state, sequence);
        projection.projection().write(number, List.of(part));
        state = projection.projection().written(state);
        written = state;
      }
    }

    private void storeOneByOne() {
      if (blocked) {
        toStore.forEach(generation::parkBehind);
      } else {
        List<RecordedEvent> applied = generation.follow(written, toStore);
        for (RecordedEvent event : applied) written = generation.fold(written, event);
        written = projection.projection().written(written);
        blocked = applied.size() < toStore.size();
      }
      toStore.clear();
    }

    private void follow(RecordedEvent event) {
      if (blocked) {
        generation.parkBehind(event);
        return;
      }
      try {
        state = generation.fold(state, event);
        sequence = event.sequence();
      } catch (IllegalStateException e) {
        generation.park(event, e);
        blocked = true;
      }
    }

    void complete() {
      if (current == null) return;
      if (oneByOne || !written.equals(absent)) {
        writePart();
      } else if (!state.equals(absent)) {
        imports.add(new Folded<>(current, absent, state, sequence));
      }
      lastComplete = current;
      done += pending;
      pending = 0;
      current = null;
      state = absent;
      written = absent;
      blocked = false;
    }
  }
}
