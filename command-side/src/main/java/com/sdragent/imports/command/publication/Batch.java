package com.sdragent.imports.command.publication;

import com.sdragent.imports.command.publication.kafka.EventRecords;
import com.sdragent.imports.command.publication.kafka.PublicationStoppedException;
import com.sdragent.imports.command.publication.kafka.UnpublishableEventException;
import com.sdragent.imports.command.publication.parked.ParkedPublication;
import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.kafka.EventHeaders;
import com.sdragent.imports.eventstore.RecordedEvent;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;
import tools.jackson.databind.json.JsonMapper;

/**
 * The events of one transaction: which of them are published, which are parked, and what the
 * imports are afterwards. Only one state of each import is published, since consumers see a
 * transaction as a whole.
 */
final class Batch {
  private static final EventHeaders.Type STATE = new EventHeaders.Type("ImportState", 1);

  /** Where the batch's records go and how they are made. */
  record Target(EventRecords events, String stateTopic, int partitions, JsonMapper json) {}

  private record Last(RecordedEvent event, ImportEvent said) {}

  private final Target target;
  private final ImportStates.Found before;
  private final Map<Long, String> refused;
  private final List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
  private final Map<UUID, ParkedPublication> parked = new LinkedHashMap<>();
  private final Map<UUID, ImportState> after = new HashMap<>();
  private final Map<UUID, Last> last = new LinkedHashMap<>();
  private final List<Long> ends;

  /**
   * @param before the states of the imports before the batch
   * @param parked the blocked imports, whose events wait
   * @param ends the position of the last event in each partition
   * @param refused why Kafka has refused some of these events, by their positions
   */
  Batch(
      Target target,
      ImportStates.Found before,
      Collection<ParkedPublication> parked,
      List<Long> ends,
      Map<Long, String> refused) {
    this.target = target;
    this.before = before;
    this.refused = refused;
    this.ends = new ArrayList<>(ends);
    for (ParkedPublication one : parked) this.parked.put(one.importId(), one);
  }

  /**
   * Takes as many events as it can, in their order.
   *
   * @return how many it took
   * @throws PublicationStoppedException when this node cannot publish even the first one
   */
  int take(List<RecordedEvent> events) {
    int taken = 0;
    for (RecordedEvent event : events) {
      try {
        take(event);
      } catch (PublicationStoppedException e) {
        if (taken == 0) throw e;
        break;
      }
      taken++;
    }
    return taken;
  }

  private void take(RecordedEvent event) {
    UUID id = event.importId();
    try {
      ImportEvent said = EventRecords.read(event);
      if (parked.containsKey(id)) return;
      String refusal = refused.get(event.position());
      if (refusal != null) throw new UnpublishableEventException(refusal);
      ImportState state = state(id, said);
      records.add(target.events().record(event, said));
      after.put(id, state);
      last.put(id, new Last(event, said));
      ends.set(EventRecords.partition(id, target.partitions()), event.position());
    } catch (UnpublishableEventException e) {
      if (parked.containsKey(id)) return;
      if (parked.size() == RelayPosition.MOST) {
        throw new PublicationStoppedException(
            "%s imports have an event that cannot be published, and the one at position %s would be one more: retry or discard some (/admin/publication/parked)"
                .formatted(RelayPosition.MOST, event.position()));
      }
      parked.put(
          id,
          new ParkedPublication(
              event.position(),
              event.eventId(),
              id,
              e.getMessage(),
              1,
              Instant.now().truncatedTo(ChronoUnit.MICROS)));
    }
  }

  private ImportState state(UUID id, ImportEvent said) {
    RuntimeException problem = before.problems().get(id);
    if (problem != null) throw problem;
    ImportState state = after.get(id);
    if (state == null) state = before.states().getOrDefault(id, ImportState.absent());
    try {
      return state.next(said);
    } catch (IllegalStateException e) {
      throw new UnpublishableEventException(String.valueOf(e.getMessage()));
    }
  }

  /** The records of the batch's events and of the states after them. */
  List<ProducerRecord<byte[], byte[]>> records() {
    var all = new ArrayList<>(records);
    last.forEach(
        (id, one) ->
            all.add(
                EventRecords.envelope(
                    one.event(),
                    one.said(),
                    target.stateTopic(),
                    target.partitions(),
                    STATE,
                    "/imports/state",
                    after.get(id) instanceof Active active
                        ? target.json().writeValueAsBytes(active)
                        : null)));
    return all;
  }

  /** The first waiting event of each import that is blocked now. */
  Map<UUID, ParkedPublication> parked() {
    return parked;
  }

  /** The states of the batch's imports after its events. */
  Map<UUID, ImportState> states() {
    return after;
  }

  /** The position of the last event in each partition. */
  List<Long> ends() {
    return ends;
  }
}
