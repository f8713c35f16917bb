package com.sdragent.imports.query.imports;

import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.query.projection.CurrentLists;
import com.sdragent.imports.query.web.Cursor;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Lists of the live generation. Each page is one statement. */
final class ImportLists {
  private final ImportRowLists.Even even;
  private final ImportRowLists.Odd odd;
  private final CurrentLists reads;

  ImportLists(ImportRowLists.Even even, ImportRowLists.Odd odd, CurrentLists reads) {
    this.even = even;
    this.odd = odd;
    this.reads = reads;
  }

  /**
   * Waits until a list would show everything of the organization that was written before.
   *
   * @return how many of its events it may still miss
   */
  long awaitCurrent(UUID orgId) {
    return reads.awaitCurrent(orgId);
  }

  /** The next rows after the cursor, or from the newest. */
  List<Active> page(ImportFilter filter, @Nullable Cursor cursor, int limit) {
    return reads.live(
        generation ->
            of(generation).page(filter, cursor, limit).stream().map(ImportRow::state).toList());
  }

  /** How many rows pass the filter. */
  long count(ImportFilter filter) {
    return reads.live(generation -> of(generation).count(filter));
  }

  private ImportRowLists<? extends ImportRow> of(long generation) {
    return generation % 2 == 0 ? even : odd;
  }
}
