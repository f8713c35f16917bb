package com.sdragent.imports.query.history;

import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.web.RequestParameters;
import com.sdragent.imports.web.StrictTime;
import java.time.Instant;
import java.util.Optional;

/**
 * A moment of the past: everything up to and including a time, or up to and including a position.
 *
 * @param position the last position that counts; the highest there can be for a time
 * @param time the last time that counts; the latest there can be for a position
 */
record Moment(long position, Instant time) {
  /** What this text means, or nothing. */
  static Optional<Moment> parse(String text) {
    Optional<Moment> position =
        RequestParameters.position(text).map(number -> new Moment(number, StrictTime.LATEST));
    return position.isPresent()
        ? position
        : StrictTime.parse(text).map(time -> new Moment(Long.MAX_VALUE, time));
  }

  boolean isTime() {
    return position == Long.MAX_VALUE;
  }

  boolean isAfter(Moment other) {
    return isTime() ? time.isAfter(other.time) : position > other.position;
  }

  /** Whether the event had happened. */
  boolean has(RecordedEvent event) {
    return event.position() <= position && !event.occurredAt().isAfter(time);
  }

  /** As a request names it. */
  @Override
  public String toString() {
    return isTime() ? time.toString() : Long.toString(position);
  }
}
