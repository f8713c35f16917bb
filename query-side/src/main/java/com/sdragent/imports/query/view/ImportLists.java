package com.sdragent.imports.query.view;

import com.sdragent.imports.events.ImportState.Active;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Lists of whatever generation is live. Each page is one statement; that its generation was still
 * live afterwards says that nobody had emptied it before.
 */
final class ImportLists {
  private final ImportViews.Even even;
  private final ImportViews.Odd odd;
  private final ImportReads reads;

  ImportLists(ImportViews.Even even, ImportViews.Odd odd, ImportReads reads) {
    this.even = even;
    this.odd = odd;
    this.reads = reads;
  }

  /** The next rows after the cursor, or from the newest. */
  List<Active> page(ImportFilter filter, @Nullable Cursor after, int limit) {
    return live(views -> views.page(filter, after, limit).stream().map(ImportView::state).toList());
  }

  /** How many rows pass the filter. */
  long count(ImportFilter filter) {
    return live(views -> views.count(filter));
  }

  private <R> R live(Function<ImportViews<?>, R> read) {
    while (true) {
      long generation = reads.generation();
      R answer = read.apply(generation % 2 == 0 ? even : odd);
      if (reads.isLive(generation)) return answer;
    }
  }
}
