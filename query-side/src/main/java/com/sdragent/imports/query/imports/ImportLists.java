package com.sdragent.imports.query.imports;

import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.eventstore.sessions.VisibleRows;
import com.sdragent.imports.query.projection.CurrentLists;
import com.sdragent.imports.query.projection.CurrentLists.Read;
import com.sdragent.imports.query.web.Cursor;
import com.sdragent.imports.query.web.JsonArrays.Chunk;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Lists of the live generation, newest first. Each page is one statement. */
final class ImportLists {
  /** Which generation is live, from the snapshot of the rows. */
  private static final String LIVE =
      "(select generation from projection where name = '" + ImportProjection.NAME + "')";

  /** Characters in the texts of an import as nearly all have fewer. */
  private static final long ORDINARY = 256;

  private static final int LIVE_COLUMN = ImportRow.COLUMNS.size() + 1;

  private final VisibleRows visible;
  private final CurrentLists reads;

  ImportLists(VisibleRows visible, CurrentLists reads) {
    this.visible = visible;
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

  /**
   * The next rows after the cursor, or from the newest.
   *
   * @param isPart whether they are a part of a longer list, of which a bounded part is kept in
   *     memory: then they are fewer than the limit, but at least one, when their texts are long
   */
  Chunk<Active> page(ImportFilter filter, @Nullable Cursor cursor, int limit, boolean isPart) {
    var values = new ArrayList<Object>();
    String conditions = conditions(filter, cursor, values);
    values.add(limit);
    return reads.live(
        generation ->
            visible.query(
                Set.of(filter.orgId()),
                "select "
                    + ImportRow.columns("")
                    + ", "
                    + LIVE
                    + " from "
                    + ImportTable.visible(generation)
                    + conditions
                    + " order by created_at desc, id limit ?",
                rows -> {
                  var found = new ArrayList<Active>();
                  Long live = null;
                  long left = isPart ? limit * ORDINARY : Long.MAX_VALUE;
                  while (left > 0 && rows.next()) {
                    if (live == null) live = rows.getLong(LIVE_COLUMN);
                    found.add(ImportRow.read(rows, 1));
                    left -= ImportRow.textLength(found.getLast());
                  }
                  boolean isLast = left > 0 && found.size() < limit;
                  return new Read<>(new Chunk<Active>(found, isLast), live);
                },
                values.toArray()));
  }

  /** How many rows pass the filter. */
  long count(ImportFilter filter) {
    var values = new ArrayList<Object>();
    String conditions = conditions(filter, null, values);
    return reads.live(
        generation ->
            visible
                .query(
                    filter.orgId(),
                    "select count(*), "
                        + LIVE
                        + " from "
                        + ImportTable.visible(generation)
                        + conditions,
                    (row, _) -> new Read<>(row.getLong(1), row.getLong(2)),
                    values.toArray())
                .getFirst());
  }

  private static String conditions(
      ImportFilter filter, @Nullable Cursor cursor, List<Object> values) {
    var all = new StringBuilder(" where org_id = ?");
    values.add(filter.orgId());
    var status = filter.status();
    restrict(all, values, "status = ?", status == null ? null : status.label());
    restrict(all, values, "campaign_id = ?", filter.campaignId());
    restrict(all, values, "source = ?", filter.source());
    restrict(all, values, "created_at > ?", time(filter.createdAfter()));
    Instant before = filter.createdBefore();
    // A condition that is given twice would count twice for the planner, which would then expect
    // few rows and sort them.
    if (cursor == null || (before != null && !cursor.createdAt().isBefore(before))) {
      restrict(all, values, "created_at < ?", time(before));
    }
    Instant after = filter.updatedAfter();
    restrict(all, values, "updated_minute >= ?", after == null ? null : minute(after));
    restrict(all, values, "updated_at > ?", time(after));
    if (cursor != null) {
      // The first condition bounds the index scan, the second settles equal times.
      OffsetDateTime last = time(cursor.createdAt());
      restrict(all, values, "created_at <= ?", last);
      restrict(all, values, "(created_at < ?", last);
      all.append(" or id > ?)");
      values.add(cursor.id());
    }
    return all.toString();
  }

  private static void restrict(
      StringBuilder all, List<Object> values, String condition, @Nullable Object value) {
    if (value == null) return;
    all.append(" and ").append(condition);
    values.add(value);
  }

  private static LocalDateTime minute(Instant time) {
    return LocalDateTime.ofInstant(time, ZoneOffset.UTC).truncatedTo(ChronoUnit.MINUTES);
  }

  private static @Nullable OffsetDateTime time(@Nullable Instant time) {
    return time == null ? null : time.atOffset(ZoneOffset.UTC);
  }
}
