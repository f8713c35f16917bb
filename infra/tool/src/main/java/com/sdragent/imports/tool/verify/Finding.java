package com.sdragent.imports.tool.verify;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something wrong.
 *
 * @param kind schema (what is read is not the service's table), edited, removed, inserted,
 *     reordered (the chain is broken there), store, rewritten, cut, checkpoints, signature (a
 *     checkpoint does not hold), history (events that cannot follow each other), snapshot or
 *     read-model (what was derived is not what the events say)
 * @param position the first position that is wrong, where it is about one
 * @param importId the import, where it is about one
 * @param text what it is, for people
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Finding(
    @JsonProperty("kind") String kind,
    @JsonProperty("position") @Nullable Long position,
    @JsonProperty("import_id") @Nullable UUID importId,
    @JsonProperty("text") String text) {

  @Override
  public String toString() {
    return kind
        + (position == null ? "" : " at position " + position)
        + (importId == null ? "" : " (import " + importId + ")")
        + ": "
        + text;
  }
}
