package com.sdragent.imports.query.history;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.query.history.HistoryEntry.FromTo;
import java.util.Map;
import java.util.Optional;

/**
 * The difference that an import makes between two moments.
 *
 * @param change added, changed or gone
 * @param last the import as it was at the later moment, or at the earlier one when it is gone
 * @param changes what became another, by the API's field names; of one that was added or is gone,
 *     all that it had
 */
@JsonPropertyOrder({"change", "import", "changes"})
record ImportDifference(
    @JsonProperty("change") String change,
    @JsonProperty("import") Active last,
    @JsonProperty("changes") Map<String, FromTo> changes) {

  /** The difference between these states of an import, or nothing when they are the same. */
  static Optional<ImportDifference> of(ImportState before, ImportState after) {
    if (after instanceof Active now) {
      if (!(before instanceof Active)) return Optional.of(of("added", now, before, after));
      return before.equals(after)
          ? Optional.empty()
          : Optional.of(of("changed", now, before, after));
    }
    return before instanceof Active then
        ? Optional.of(of("gone", then, before, after))
        : Optional.empty();
  }

  private static ImportDifference of(
      String change, Active last, ImportState before, ImportState after) {
    return new ImportDifference(change, last, HistoryEntry.changes(before, after, _ -> true));
  }
}
