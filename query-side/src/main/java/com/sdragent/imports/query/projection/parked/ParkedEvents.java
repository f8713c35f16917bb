package com.sdragent.imports.query.projection.parked;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.eventstore.sessions.VisibleRows;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;

/**
 * Events that a projection could not apply. The later events of the same import wait behind them,
 * and nothing else does.
 */
public final class ParkedEvents implements Parking {
  private static final int LONGEST_ERROR = 2000;

  /**
   * An event that was parked at a position before the store was restored gives way to the event
   * there now.
   */
  static final String ANOTHER_EVENT =
      "import_id = excluded.import_id, organization = excluded.organization,"
          + " event_type = excluded.event_type, error = excluded.error, discarded_at = null";

  private final JdbcTemplate jdbc;
  private final String projection;

  /** Those of this projection, in the database, within the caller's transaction. */
  public ParkedEvents(JdbcTemplate jdbc, String projection) {
    this.jdbc = jdbc;
    this.projection = projection;
  }

  /**
   * An event that is parked.
   *
   * @param error why it could not be applied, or null when it waits behind another of its import
   * @param attempts how often the event was tried
   */
  @JsonPropertyOrder({"position", "import_id", "org_id", "type", "error", "attempts", "parked_at"})
  public record Parked(
      @JsonProperty("position") long position,
      @JsonProperty("import_id") UUID importId,
      @JsonProperty("org_id") UUID orgId,
      @JsonProperty("type") String type,
      @JsonProperty("error") @Nullable String error,
      @JsonProperty("attempts") int attempts,
      @JsonProperty("parked_at") Instant parkedAt) {}

  private static final String SELECT =
      "select position, import_id, organization, event_type, error, attempts, parked_at"
          + " from parked_event where projection = ? and discarded_at is null ";

  private static final String DISCARDED =
      "select position from parked_event where projection = ? and import_id = ?"
          + " and discarded_at is not null";

  private static final RowMapper<Parked> PARKED =
      (row, _) ->
          new Parked(
              row.getLong(1),
              row.getObject(2, UUID.class),
              row.getObject(3, UUID.class),
              row.getString(4),
              row.getString(5),
              row.getInt(6),
              row.getObject(7, OffsetDateTime.class).toInstant());

  /** The first waiting events after this position. */
  public List<Parked> page(long position, int limit) {
    return jdbc.query(
        SELECT + "and position > ? order by position limit ?", PARKED, projection, position, limit);
  }

  /** The first waiting events of an import. */
  public List<Parked> ofImport(UUID id, int limit) {
    return jdbc.query(
        SELECT + "and import_id = ? order by position limit ?", PARKED, projection, id, limit);
  }

  /** Whether there are any parked events, waiting or discarded. */
  public boolean any() {
    return Boolean.TRUE.equals(
        jdbc.queryForObject(
            "select exists (select 1 from parked_event where projection = ?)",
            Boolean.class,
            projection));
  }

  /** The event that waits at this position, or null. */
  public @Nullable Parked at(long position) {
    return jdbc.query(SELECT + "and position = ?", PARKED, projection, position).stream()
        .findFirst()
        .orElse(null);
  }

  /** Which of these imports have a parked event. */
  public Set<UUID> blocked(Collection<UUID> ids) {
    return new HashSet<>(
        jdbc.query(
            "select distinct import_id from parked_event where projection = ?"
                + " and discarded_at is null and import_id = any (?)",
            (row, _) -> row.getObject(1, UUID.class),
            projection,
            ids.toArray(UUID[]::new)));
  }

  /**
   * Which events of these imports are left out of the projection: parked, waiting or discarded. The
   * result gives the import for each position, because a restored store may hold another event
   * there.
   */
  public Map<Long, UUID> leftOut(Collection<UUID> ids) {
    var leftOut = new HashMap<Long, UUID>();
    jdbc.query(
        "select position, import_id from parked_event where projection = ? and import_id = any (?)",
        row -> {
          leftOut.put(row.getLong(1), row.getObject(2, UUID.class));
        },
        projection,
        ids.toArray(UUID[]::new));
    return leftOut;
  }

  /** Which events of this import were discarded. */
  public Set<Long> discarded(UUID id) {
    return new HashSet<>(jdbc.query(DISCARDED, (row, _) -> row.getLong(1), projection, id));
  }

  /** Which events of this import were discarded, as the organization sees it. */
  public Set<Long> discarded(VisibleRows visible, UUID organization, UUID id) {
    return new HashSet<>(
        visible.query(organization, DISCARDED, (row, _) -> row.getLong(1), projection, id));
  }

  /** How many events wait. */
  public long count() {
    return count("", projection);
  }

  /** How many events of an import wait. */
  public long countOfImport(UUID id) {
    return count(" and import_id = ?", projection, id);
  }

  private long count(String condition, Object... values) {
    Long count =
        jdbc.queryForObject(
            "select count(*) from parked_event where projection = ? and discarded_at is null"
                + condition,
            Long.class,
            values);
    return count == null ? 0 : count;
  }

  @Override
  public void park(RecordedEvent event, @Nullable String error) {
    jdbc.update(
        """
        insert into parked_event (projection, position, import_id, organization, event_type, error)
        values (?, ?, ?, ?, ?, ?)
        on conflict (projection, position) do update
          set %s,
              attempts = parked_event.attempts + case when excluded.error is null then 0 else 1 end
        """
            .formatted(ANOTHER_EVENT),
        projection,
        event.position(),
        event.importId(),
        event.orgId(),
        event.type(),
        shortened(error));
  }

  static @Nullable String shortened(@Nullable String error) {
    return error == null || error.length() <= LONGEST_ERROR
        ? error
        : error.substring(0, LONGEST_ERROR);
  }

  /** Forgets a waiting event. */
  public void remove(long position) {
    jdbc.update(
        "delete from parked_event where projection = ? and position = ? and discarded_at is null",
        projection,
        position);
  }

  /** Leaves a waiting event out for good. */
  public void discard(long position) {
    jdbc.update(
        "update parked_event set discarded_at = clock_timestamp()"
            + " where projection = ? and position = ?",
        projection,
        position);
  }
}
