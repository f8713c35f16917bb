package com.sdragent.imports.query.projection;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a projection is, and who keeps it current.
 *
 * @param lagSeconds the age of the oldest event that it does not show, or 0
 * @param activeNode the node that applied the last batch, or null before the first
 * @param state what the answering node does: active when it applied the last batch, standby when
 *     another did, stopped when it cannot
 * @param problem why the answering node cannot, or null
 * @param parked how many events it could not take, and wait behind those
 * @param waiting how many requests to the answering node wait for it
 */
@JsonPropertyOrder({
  "name",
  "position",
  "lag_events",
  "lag_seconds",
  "active_node",
  "state",
  "problem",
  "parked",
  "waiting",
  "rebuilding"
})
public record ProjectionStatus(
    @JsonProperty("name") String name,
    @JsonProperty("position") long position,
    @JsonProperty("lag_events") long lagEvents,
    @JsonProperty("lag_seconds") double lagSeconds,
    @JsonProperty("active_node") @Nullable String activeNode,
    @JsonProperty("state") String state,
    @JsonProperty("problem") @Nullable String problem,
    @JsonProperty("parked") long parked,
    @JsonProperty("waiting") int waiting,
    @JsonProperty("rebuilding") boolean rebuilding) {

  /**
   * All projections at one moment: the rate of each is what two answers differ by.
   *
   * @param time of the database
   * @param node the one that answers
   * @param head the position of the last stored event
   */
  @JsonPropertyOrder({"time", "node", "head", "projections"})
  public record All(
      @JsonProperty("time") Instant time,
      @JsonProperty("node") String node,
      @JsonProperty("head") long head,
      @JsonProperty("projections") List<ProjectionStatus> projections) {}
}
