package com.sdragent.imports.query.view;

import com.sdragent.imports.eventstore.RecordedEvent;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Events that the generation that is being rebuilt could not take. They count once it is live; of a
 * rebuild that does not come so far nothing is left.
 */
public final class ParkedByRebuild implements Parking {
  private final JdbcTemplate jdbc;

  /** In the database, within the caller's transaction. */
  public ParkedByRebuild(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** Forgets what an earlier rebuild has left. */
  public void clear() {
    jdbc.update("delete from parked_by_rebuild");
  }

  /** Which of these imports have an event here. */
  public Set<UUID> blocked(Collection<UUID> ids) {
    return new HashSet<>(
        jdbc.query(
            "select distinct import_id from parked_by_rebuild where import_id = any (?)",
            (row, _) -> row.getObject(1, UUID.class),
            (Object) ids.toArray(UUID[]::new)));
  }

  @Override
  public void park(RecordedEvent event, @Nullable String error) {
    jdbc.update(
        """
        insert into parked_by_rebuild (position, import_id, organization, event_type, error)
        values (?, ?, ?, ?, ?)
        on conflict (position) do update set error = excluded.error
        """,
        event.position(),
        event.importId(),
        event.orgId(),
        event.type(),
        ParkedEvents.shortened(error));
  }

  /** From now on they count, as the generation does that could not take them. */
  public void goLive() {
    jdbc.update(
        """
        insert into parked_event (position, import_id, organization, event_type, error)
        select position, import_id, organization, event_type, error from parked_by_rebuild
        on conflict (position) do update set %s
        """
            .formatted(ParkedEvents.ANOTHER_EVENT));
    clear();
  }
}
