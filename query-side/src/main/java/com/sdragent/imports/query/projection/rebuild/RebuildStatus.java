package com.sdragent.imports.query.projection.rebuild;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonRawValue;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How far a rebuild is.
 *
 * @param state running, completed, failed or cancelled
 * @param phase loading, indexing, catching_up, comparing, emptying
 * @param secondsLeft the seconds until the events are applied, by the rate so far; null when that
 *     is unknown
 * @param stepStartedAt since when a node has been working on the present step; null when none is
 * @param stepPercent how much of an index is made, as far as PostgreSQL tells; null otherwise
 * @param differences how many rows of the old generation were not what the events say
 * @param differentRows the first of them, in JSON: id, what was live, what was rebuilt
 */
@JsonPropertyOrder({
  "id",
  "state",
  "phase",
  "events_done",
  "events_total",
  "events_per_second",
  "seconds_left",
  "differences",
  "different_rows",
  "error",
  "started_at",
  "finished_at",
  "step_started_at",
  "step_percent"
})
public record RebuildStatus(
    @JsonProperty("id") long id,
    @JsonProperty("state") String state,
    @JsonProperty("phase") String phase,
    @JsonProperty("events_done") long eventsDone,
    @JsonProperty("events_total") long eventsTotal,
    @JsonProperty("events_per_second") long eventsPerSecond,
    @JsonProperty("seconds_left") @Nullable Long secondsLeft,
    @JsonProperty("differences") long differences,
    @JsonProperty("different_rows") @JsonRawValue String differentRows,
    @JsonProperty("error") @Nullable String error,
    @JsonProperty("started_at") Instant startedAt,
    @JsonProperty("finished_at") @Nullable Instant finishedAt,
    @JsonProperty("step_started_at") @Nullable Instant stepStartedAt,
    @JsonProperty("step_percent") @Nullable Integer stepPercent) {}
