package com.sdragent.imports.command.publication;

import com.sdragent.imports.events.ImportCreated;
import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.eventstore.PostgresEventStorageEngine;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * What each import is after the events of a transaction, a tombstone when it was deleted: one
 * record for each import, since consumers see a transaction as a whole.
 */
final class StateRecords {
  private static final int REMEMBERED = 20_000;
  private static final String TYPE = "com.sdragent.imports.ImportState.v1";

  private final PostgresEventStorageEngine store;
  private final JsonMapper json;
  private final String topic;
  private final int partitions;

  /** The imports that changed last, so that their events are not read again. */
  private final Map<UUID, ImportState> remembered =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<UUID, ImportState> eldest) {
          return size() > REMEMBERED;
        }
      };

  StateRecords(PostgresEventStorageEngine store, JsonMapper json, String topic, int partitions) {
    this.store = store;
    this.json = json;
    this.topic = topic;
    this.partitions = partitions;
  }

  /**
   * The records of the next events. Must be given every event once and in order.
   *
   * @param after the position before the first of these events
   */
  List<ProducerRecord<byte[], byte[]>> records(List<TrackedEventMessage<?>> messages, long after) {
    Map<UUID, ImportState> states = before(messages, after);
    var last = new LinkedHashMap<UUID, TrackedEventMessage<?>>();
    for (TrackedEventMessage<?> message : messages) {
      apply(states, EventRecords.event(message));
      last.put(EventRecords.event(message).importId(), message);
    }
    states.forEach(this::remember);
    return last.entrySet().stream().map(one -> record(one.getValue(), states)).toList();
  }

  private ProducerRecord<byte[], byte[]> record(
      TrackedEventMessage<?> message, Map<UUID, ImportState> states) {
    byte @Nullable [] value =
        states.get(EventRecords.event(message).importId()) instanceof Active active
            ? json.writeValueAsBytes(active)
            : null;
    return EventRecords.envelope(message, topic, partitions, TYPE, "/imports/state", value);
  }

  /** What the imports are that these events change and do not create. */
  private Map<UUID, ImportState> before(List<TrackedEventMessage<?>> messages, long after) {
    var states = new HashMap<UUID, ImportState>();
    Set<UUID> created = new HashSet<>();
    Set<UUID> unknown = new HashSet<>();
    for (TrackedEventMessage<?> message : messages) {
      ImportEvent event = EventRecords.event(message);
      UUID id = event.importId();
      ImportState known = remembered.get(id);
      if (event instanceof ImportCreated) created.add(id);
      else if (known != null) states.put(id, known);
      else if (!created.contains(id)) unknown.add(id);
    }
    if (!unknown.isEmpty()) {
      store.readHistories(unknown, after, message -> apply(states, EventRecords.event(message)));
    }
    return states;
  }

  private void remember(UUID id, ImportState state) {
    // Nothing follows a deleted import.
    if (state instanceof Active) remembered.put(id, state);
    else remembered.remove(id);
  }

  private static void apply(Map<UUID, ImportState> states, ImportEvent event) {
    ImportState before = states.getOrDefault(event.importId(), ImportState.absent());
    try {
      states.put(event.importId(), before.after(event));
    } catch (IllegalStateException e) {
      throw new PublicationStoppedException(
          "The events of an import do not follow each other, so its state cannot be published: %s. Check the store with imports-tool verify"
              .formatted(e.getMessage()));
    }
  }
}
