package com.sdragent.imports.query.projection.parked;

import com.sdragent.imports.eventstore.RecordedEvent;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Events that the generation under construction could not apply. They count once it is live; a
 * rebuild that does not come that far leaves nothing behind.
 */
public final class ParkedByRebuild implements Parking {
  private final JdbcTemplate jdbc;
  private final String projection;

  /** Those of this projection, in the database, within the caller's transaction. */
  public ParkedByRebuild(JdbcTemplate jdbc, String projection) {
    this.jdbc = jdbc;
    this.projection = projection;
  }

  /** Forgets the events that an earlier rebuild has left. */
  public void clear() {
    jdbc.update("delete from parked_by_rebuild where projection = ?", projection);
  }

  /** Returns which of these imports have an event here. */
  public Set<UUID> blocked(Collection<UUID> ids) {
    return new HashSet<>(
        jdbc.query(
            "select distinct import_id from parked_by_rebuild where projection = ?"
                + " and import_id = any (?)",
            (row, _) -> row.getObject(1, UUID.class),
            projection,
            ids.toArray(UUID[]::new)));
  }

  @Override
  public void park(RecordedEvent event, @Nullable String error) {
    jdbc.update(
        """
        insert into parked_by_rebuild
          (projection, position, import_id, organization, event_type, error)
        values (?, ?, ?, ?, ?, ?)
        on conflict (projection, position) do update set error = excluded.error
        """,
        projection,
        event.position(),
        event.importId(),
        event.orgId(),
        event.type(),
        ParkedEvents.shortened(error));
  }

  /** Makes the events count from now on, along with the generation that could not apply them. */
  public void goLive() {
    jdbc.update(
        """
        insert into parked_event (projection, position, import_id, organization, event_type, error)
        select projection, position, import_id, organization, event_type, error
        from parked_by_rebuild where projection = ?
        on conflict (projection, position) do update set %s
        """
            .formatted(ParkedEvents.ANOTHER_EVENT),
        projection);
    clear();
  }
}
