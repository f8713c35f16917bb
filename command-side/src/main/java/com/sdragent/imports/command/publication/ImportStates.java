package com.sdragent.imports.command.publication;

import com.sdragent.imports.command.domain.Import;
import com.sdragent.imports.command.publication.kafka.EventRecords;
import com.sdragent.imports.command.publication.kafka.UnpublishableEventException;
import com.sdragent.imports.command.publication.parked.DiscardedPublication;
import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.eventstore.PostgresEventStorageEngine;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.serialization.UnknownSerializedType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What imports are after their last published event. The states of those that changed last are
 * remembered; those of others are folded from their events, and those with very many of them from
 * their snapshots on: everybody's events wait meanwhile. The object lives as long as a term.
 */
final class ImportStates {
  private static final Logger log = LoggerFactory.getLogger(ImportStates.class);

  private static final int REMEMBERED = 20_000;

  /** An import of fewer events is folded from the first one in no time. */
  private static final int VERY_MANY = 1_000;

  private final PostgresEventStorageEngine store;

  private final Map<UUID, ImportState> remembered =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<UUID, ImportState> eldest) {
          return size() > REMEMBERED;
        }
      };

  ImportStates(PostgresEventStorageEngine store) {
    this.store = store;
  }

  /**
   * The states of some imports; imports without events are missing.
   *
   * @param problems why the states of others are unknown
   * @param folded whether any state was folded from the store
   */
  record Found(
      Map<UUID, ImportState> states, Map<UUID, RuntimeException> problems, boolean folded) {}

  /**
   * The states of these imports after their events up to a position.
   *
   * @param discarded the events that were left out
   */
  Found of(Collection<UUID> ids, long upTo, Collection<DiscardedPublication> discarded) {
    Set<Long> leftOut =
        discarded.stream().map(DiscardedPublication::position).collect(Collectors.toSet());
    var states = new HashMap<UUID, ImportState>();
    var problems = new HashMap<UUID, RuntimeException>();
    Set<UUID> unknown = new HashSet<>();
    for (UUID id : ids) {
      ImportState known = remembered.get(id);
      if (known == null) unknown.add(id);
      else states.put(id, known);
    }
    boolean folded = !unknown.isEmpty();
    if (folded) {
      // A snapshot has what was left out.
      Set<UUID> whole = new HashSet<>(unknown);
      discarded.forEach(one -> whole.remove(one.importId()));
      store
          .lateSnapshots(whole, VERY_MANY, upTo)
          .forEach(
              (id, sequence) -> {
                ImportState state = snapshot(id, sequence);
                if (state == null) return;
                unknown.remove(id);
                states.put(id, state);
                store.readHistory(
                    id, sequence + 1, upTo, message -> fold(message, leftOut, states, problems));
              });
      store.readHistories(unknown, upTo, message -> fold(message, leftOut, states, problems));
    }
    return new Found(states, problems, folded);
  }

  /** The state in an import's snapshot, unless that is another by now or cannot be read. */
  private @Nullable ImportState snapshot(UUID id, long sequence) {
    DomainEventMessage<?> snapshot = store.readSnapshot(id.toString()).orElse(null);
    if (snapshot == null || snapshot.getSequenceNumber() != sequence) return null;
    try {
      return snapshot.getPayload() instanceof Import one
              && !one.state().equals(ImportState.absent())
          ? one.state()
          : null;
    } catch (RuntimeException e) {
      // Its events tell the same.
      log.warn("The snapshot of import {} cannot be read: {}", id, e.toString());
      return null;
    }
  }

  private static void fold(
      TrackedEventMessage<?> message,
      Set<Long> leftOut,
      Map<UUID, ImportState> states,
      Map<UUID, RuntimeException> problems) {
    if (!(message instanceof DomainEventMessage<?> domain)) {
      throw new IllegalArgumentException("Not an event of an import: " + message);
    }
    long position = message.trackingToken().position().orElseThrow();
    UUID id = UUID.fromString(domain.getAggregateIdentifier());
    if (leftOut.contains(position) || problems.containsKey(id)) return;
    try {
      Object payload = message.getPayload();
      if (payload instanceof UnknownSerializedType) {
        problems.put(id, EventRecords.unknown(position));
      } else {
        ImportState before = states.getOrDefault(id, ImportState.absent());
        states.put(id, before.next((ImportEvent) payload));
      }
    } catch (RuntimeException e) {
      // This happens when the version that published the event read it differently, for example.
      problems.put(
          id,
          new UnpublishableEventException(
              "The import's state before it is unknown: the event at position %s cannot be applied"
                  .formatted(position)));
    }
  }

  /** Remembers the states that are published now. */
  void remember(Map<UUID, ImportState> states) {
    states.forEach(
        (id, state) -> {
          // Nothing follows a deleted import.
          if (state instanceof Active) remembered.put(id, state);
          else remembered.remove(id);
        });
  }
}
