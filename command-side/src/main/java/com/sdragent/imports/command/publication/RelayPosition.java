package com.sdragent.imports.command.publication;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.sdragent.imports.command.publication.parked.DiscardedPublication;
import com.sdragent.imports.command.publication.parked.ParkedPublication;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How far events are published, as a record of its own in the transaction that published them.
 * Every event up to the position is published, except those that are discarded and those of an
 * import from its parked one on.
 *
 * @param position the position of the last event that was looked at
 * @param eventId the id of that event, by which a store that went back is noticed
 * @param partitions how many partitions the topics had, by which a change is noticed
 * @param ends the position of the last event in each partition, 0 for none; null in a record of an
 *     earlier version
 * @param parked for each import with an event that cannot be published, the first one
 * @param discarded the events that an operator left out for good: states are computed without them
 */
record RelayPosition(
    @JsonProperty("position") long position,
    @JsonProperty("event_id") UUID eventId,
    @JsonProperty("partitions") int partitions,
    @JsonProperty("ends") @Nullable List<Long> ends,
    @JsonProperty("parked") List<ParkedPublication> parked,
    @JsonProperty("discarded") List<DiscardedPublication> discarded) {

  /** The most entries of either list: the record is written with every transaction. */
  static final int MOST = 1000;

  @SuppressWarnings("NullAway") // A record of an earlier version has no lists.
  RelayPosition {
    ends = ends == null ? null : List.copyOf(ends);
    parked = parked == null ? List.of() : List.copyOf(parked);
    discarded = discarded == null ? List.of() : List.copyOf(discarded);
  }

  /** The position before the first event. */
  static RelayPosition none(int partitions) {
    return new RelayPosition(
        0, new UUID(0, 0), partitions, Collections.nCopies(partitions, 0L), List.of(), List.of());
  }

  /** The same position, with the ends that the topic has. */
  RelayPosition withEnds(List<Long> ends) {
    return new RelayPosition(position, eventId, partitions, ends, parked, discarded);
  }
}
