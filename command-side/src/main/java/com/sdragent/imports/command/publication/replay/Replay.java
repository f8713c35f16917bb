package com.sdragent.imports.command.publication.replay;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.sdragent.imports.eventstore.EventLog;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A private replay as it was asked for, and how far it is.
 *
 * @param state running, completed, failed or cancelled
 * @param dryRun whether events are only counted
 * @param position the position up to which every event was looked at
 * @param events how many events were selected by then; they are published, unless it is a dry run
 * @param positionsPerSecond how fast it looked at them so far
 * @param secondsLeft the seconds until it is done, by that rate; null when that is unknown
 * @param partitions the number of the target's partitions when the first event was published; null
 *     before that
 * @param error why it failed, or why it waits
 */
@JsonPropertyOrder({
  "id",
  "state",
  "target",
  "dry_run",
  "from_position",
  "to_position",
  "from_time",
  "to_time",
  "org_id",
  "type",
  "import_id",
  "events_per_second",
  "position",
  "events",
  "positions_per_second",
  "seconds_left",
  "error",
  "started_at",
  "finished_at"
})
public record Replay(
    @JsonProperty("id") UUID id,
    @JsonProperty("state") String state,
    @JsonProperty("target") String target,
    @JsonProperty("dry_run") boolean dryRun,
    @JsonProperty("from_position") long fromPosition,
    @JsonProperty("to_position") long toPosition,
    @JsonProperty("from_time") @Nullable Instant fromTime,
    @JsonProperty("to_time") @Nullable Instant toTime,
    @JsonProperty("org_id") @Nullable UUID orgId,
    @JsonProperty("type") @Nullable String type,
    @JsonProperty("import_id") @Nullable UUID importId,
    @JsonProperty("events_per_second") int eventsPerSecond,
    @JsonProperty("position") long position,
    @JsonProperty("events") long events,
    @JsonProperty("positions_per_second") long positionsPerSecond,
    @JsonProperty("seconds_left") @Nullable Long secondsLeft,
    @JsonIgnore @Nullable Integer partitions,
    @JsonProperty("error") @Nullable String error,
    @JsonProperty("started_at") Instant startedAt,
    @JsonProperty("finished_at") @Nullable Instant finishedAt) {

  @JsonIgnore
  boolean isRunning() {
    return state.equals("running");
  }

  EventLog.Selection selection() {
    return new EventLog.Selection(orgId, type, importId, fromTime, toTime);
  }
}
