package com.sdragent.imports.eventstore;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.springframework.jdbc.core.RowMapper;

/**
 * Some events that one look found: as many as were wanted, or fewer and at least one when they are
 * long, so that whoever looks keeps a bounded part of the log in memory.
 *
 * @param isLast whether there were no more
 */
public record EventPart(List<RecordedEvent> events, boolean isLast) {
  /** Characters of an event as nearly all are shorter. */
  private static final long ORDINARY = 1024;

  /** Of long events, as many still come by one look however few are wanted. */
  private static final int LEAST = 250;

  /** How many characters so many events may have together. */
  static long room(int wanted) {
    return Math.max(wanted, LEAST) * ORDINARY;
  }

  static EventPart read(ResultSet rows, RowMapper<RecordedEvent> event, int wanted)
      throws SQLException {
    var events = new ArrayList<RecordedEvent>();
    long left = room(wanted);
    while (left > 0 && rows.next()) {
      RecordedEvent next = event.mapRow(rows, events.size());
      if (next == null) continue;
      events.add(next);
      left -= next.length();
    }
    return new EventPart(events, left > 0 && events.size() < wanted);
  }
}
