package com.sdragent.imports.command.publication;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.UUID;

/**
 * Up to where events are published: a record of its own in the transaction that published them.
 *
 * @param position the position of the last published event
 * @param eventId the id of that event, so that a store that went back is noticed
 * @param partitions how many partitions the topics had, so that another number is noticed
 */
record RelayPosition(
    @JsonProperty("position") long position,
    @JsonProperty("event_id") UUID eventId,
    @JsonProperty("partitions") int partitions) {}
