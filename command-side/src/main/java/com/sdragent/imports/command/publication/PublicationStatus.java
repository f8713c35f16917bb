package com.sdragent.imports.command.publication;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How far events are published to Kafka, and who publishes them.
 *
 * @param time of the database
 * @param node the one that answers
 * @param state what that one does: active, standby, waiting, stopped or off
 * @param problem why it does not publish, or null
 * @param activeNode the node whose turn it is, or null when it is nobody's
 * @param head the position of the last stored event
 * @param position up to which all are published that are not parked, as far as it was noted; null
 *     when nothing ever was
 * @param lagSeconds the age of the oldest event that is not published, or 0
 * @param parked how many imports wait for an event that could not be published
 * @param partitions of both topics, or null when it is not known yet
 */
@JsonPropertyOrder({
  "time",
  "node",
  "state",
  "problem",
  "active_node",
  "head",
  "position",
  "lag_events",
  "lag_seconds",
  "parked",
  "events_topic",
  "state_topic",
  "partitions"
})
public record PublicationStatus(
    @JsonProperty("time") Instant time,
    @JsonProperty("node") String node,
    @JsonProperty("state") String state,
    @JsonProperty("problem") @Nullable String problem,
    @JsonProperty("active_node") @Nullable String activeNode,
    @JsonProperty("head") long head,
    @JsonProperty("position") @Nullable Long position,
    @JsonProperty("lag_events") long lagEvents,
    @JsonProperty("lag_seconds") double lagSeconds,
    @JsonProperty("parked") long parked,
    @JsonProperty("events_topic") String eventsTopic,
    @JsonProperty("state_topic") String stateTopic,
    @JsonProperty("partitions") @Nullable Integer partitions) {}
