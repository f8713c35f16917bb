package com.sdragent.imports.command.publication;

import com.sdragent.imports.command.publication.parked.DiscardedPublication;
import com.sdragent.imports.command.publication.parked.ParkedPublication;
import com.sdragent.imports.command.publication.parked.ParkedPublications;
import com.sdragent.imports.command.publication.parked.ParkedPublications.Answer;
import com.sdragent.imports.command.publication.parked.ParkedPublications.Request;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.RecordedEvent;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Does in a term what operators ask for: it retries parked events or discards them. A retry
 * continues where the position record says, so each event is published once, whatever dies.
 */
final class OperatorRequests {
  private final RelayTerm term;
  private final ParkedPublications parked;
  private final EventLog events;
  private final int batchSize;
  private @Nullable Request request;

  /**
   * Whether a look was taken: a predecessor may have left a request that it could no longer answer.
   */
  private boolean looked;

  OperatorRequests(RelayTerm term, RelayTerm.Setup setup) {
    this.term = term;
    parked = setup.parked();
    events = setup.log();
    batchSize = setup.properties().batchSize();
  }

  /**
   * Does the next part, as much as one transaction takes.
   *
   * @return whether there was anything to do
   */
  boolean attend() {
    ParkedPublication begun = first(one -> one.error() == null);
    if (begun != null) {
      publish(begun, false);
    } else {
      if (request == null && !(looked && term.last().parked().isEmpty())) {
        request = parked.next().orElse(null);
        looked = true;
      }
      if (request == null) return false;
      begin(request);
    }
    Request asked = request;
    if (asked != null && first(one -> one.error() == null) == null) {
      answer(asked, new Answer(published(asked), null));
    }
    return true;
  }

  private void begin(Request asked) {
    ParkedPublication from = first(one -> one.position() == asked.position());
    // The request has been done already.
    if (from == null) return;
    if (asked.discard() && term.last().discarded().size() >= RelayPosition.MOST) {
      answer(
          asked,
          new Answer(
              0,
              "%s events are discarded, and no more can be noted".formatted(RelayPosition.MOST)));
    } else {
      publish(from, asked.discard());
    }
  }

  private @Nullable ParkedPublication first(Predicate<ParkedPublication> wanted) {
    return term.last().parked().stream().filter(wanted).findFirst().orElse(null);
  }

  private void answer(Request asked, Answer answer) {
    parked.finish(asked, answer);
    request = null;
  }

  /**
   * Publishes the waiting events of an import, from a parked one on or from the one after it if
   * that is discarded.
   */
  private void publish(ParkedPublication from, boolean discard) {
    List<RecordedEvent> waiting = waiting(from);
    List<DiscardedPublication> discarded = new ArrayList<>(term.last().discarded());
    if (discard) {
      discarded.add(new DiscardedPublication(from.position(), from.importId(), now()));
      waiting = waiting.subList(1, waiting.size());
    }
    List<RecordedEvent> all = waiting;
    List<ParkedPublication> others = new ArrayList<>(term.last().parked());
    others.remove(from);
    term.publish(
        all.subList(0, Math.min(batchSize, all.size())),
        others,
        from.position() - 1,
        (batch, taken) -> {
          List<ParkedPublication> blocked = new ArrayList<>(others);
          ParkedPublication failed = batch.parked().get(from.importId());
          if (failed != null) blocked.add(again(from, failed));
          else if (taken < all.size()) blocked.add(begun(all.get(taken)));
          RelayPosition last = term.last();
          return new RelayPosition(
              last.position(), last.eventId(), last.partitions(), batch.ends(), blocked, discarded);
        });
  }

  /**
   * The waiting events from a parked one on, up to the last published position: at most one more
   * than may be published at once.
   */
  private List<RecordedEvent> waiting(ParkedPublication from) {
    List<RecordedEvent> at = events.eventsAfter(from.position() - 1, 1);
    long sequence = at.isEmpty() ? 0 : at.getFirst().sequence();
    List<RecordedEvent> waiting =
        events.ofImport(from.importId(), sequence - 1, batchSize + 2).stream()
            .filter(event -> event.position() <= term.last().position())
            .toList();
    term.requireStored();
    return waiting;
  }

  private static ParkedPublication again(ParkedPublication before, ParkedPublication failed) {
    return failed.position() != before.position()
        ? failed
        : new ParkedPublication(
            before.position(),
            before.eventId(),
            before.importId(),
            failed.error(),
            before.attempts() + 1,
            before.parkedAt());
  }

  private static ParkedPublication begun(RecordedEvent event) {
    return new ParkedPublication(
        event.position(), event.eventId(), event.importId(), null, 0, now());
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MICROS);
  }

  /** How many events of the import are already published from the requested position on. */
  private long published(Request asked) {
    List<RecordedEvent> at = events.eventsAfter(asked.position() - 1, 1);
    if (at.isEmpty()) return 0;
    var id = at.getFirst().importId();
    ParkedPublication waits = first(one -> one.importId().equals(id));
    long upTo = waits == null ? term.last().position() : waits.position() - 1;
    long discarded =
        term.last().discarded().stream()
            .filter(one -> one.importId().equals(id))
            .filter(one -> one.position() >= asked.position() && one.position() <= upTo)
            .count();
    var ofImport = new EventLog.Selection(null, null, id, null, null);
    return Math.max(0, events.count(ofImport, asked.position() - 1, upTo) - discarded);
  }
}
