package com.sdragent.imports.query.view;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.sdragent.imports.eventstore.RecordedEvent;
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
 * Events that the read model could not take. The later events of the same import wait behind them,
 * and nothing else does.
 */
public final class ParkedEvents implements Parking {
  private static final int LONGEST_ERROR = 2000;

  /** What is left at a position by a store that was restored gives way to the event there now. */
  static final String ANOTHER_EVENT =
      "import_id = excluded.import_id, organization = excluded.organization,"
          + " event_type = excluded.event_type, error = excluded.error, discarded_at = null";

  private final JdbcTemplate jdbc;

  ParkedEvents(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * An event that is parked.
   *
   * @param error why it could not be applied, or null when it waits behind another of its import
   * @param attempts how often it was tried
   */
  @JsonPropertyOrder({"position", "import_id", "org_id", "type", "error", "attempts", "parked_at"})
  record Parked(
      @JsonProperty("position") long position,
      @JsonProperty("import_id") UUID importId,
      @JsonProperty("org_id") UUID orgId,
      @JsonProperty("type") String type,
      @JsonProperty("error") @Nullable String error,
      @JsonProperty("attempts") int attempts,
      @JsonProperty("parked_at") Instant parkedAt) {}

  private static final String SELECT =
      "select position, import_id, organization, event_type, error, attempts, parked_at"
          + " from parked_event where discarded_at is null ";

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

  List<Parked> after(long position, int limit) {
    return jdbc.query(
        SELECT + "and position > ? order by position limit ?", PARKED, position, limit);
  }

  /** The first that wait of an import. */
  List<Parked> ofImport(UUID id, int limit) {
    return jdbc.query(SELECT + "and import_id = ? order by position limit ?", PARKED, id, limit);
  }

  /** Whether there are any, waiting or discarded. */
  public boolean any() {
    return Boolean.TRUE.equals(
        jdbc.queryForObject("select exists (select 1 from parked_event)", Boolean.class));
  }

  @Nullable Parked at(long position) {
    return jdbc.query(SELECT + "and position = ?", PARKED, position).stream()
        .findFirst()
        .orElse(null);
  }

  /** Which of these imports have a parked event. */
  Set<UUID> blocked(Collection<UUID> ids) {
    return new HashSet<>(
        jdbc.query(
            "select distinct import_id from parked_event where discarded_at is null"
                + " and import_id = any (?)",
            (row, _) -> row.getObject(1, UUID.class),
            (Object) ids.toArray(UUID[]::new)));
  }

  /**
   * Which events of these imports are left out of the read model: parked, waiting or discarded. By
   * position, of which import: a store that was restored may hold another there.
   */
  public Map<Long, UUID> leftOut(Collection<UUID> ids) {
    var leftOut = new HashMap<Long, UUID>();
    jdbc.query(
        "select position, import_id from parked_event where import_id = any (?)",
        row -> {
          leftOut.put(row.getLong(1), row.getObject(2, UUID.class));
        },
        (Object) ids.toArray(UUID[]::new));
    return leftOut;
  }

  /** Which events of this import were discarded. */
  Set<Long> discarded(UUID id) {
    return new HashSet<>(
        jdbc.query(
            "select position from parked_event where import_id = ? and discarded_at is not null",
            (row, _) -> row.getLong(1),
            id));
  }

  /** How many events wait. */
  long count() {
    return count("");
  }

  /** How many events of an organization wait. */
  long count(UUID orgId) {
    return count(" and organization = ?", orgId);
  }

  /** How many events of an import wait. */
  long countOfImport(UUID id) {
    return count(" and import_id = ?", id);
  }

  private long count(String condition, Object... values) {
    Long count =
        jdbc.queryForObject(
            "select count(*) from parked_event where discarded_at is null" + condition,
            Long.class,
            values);
    return count == null ? 0 : count;
  }

  @Override
  public void park(RecordedEvent event, @Nullable String error) {
    jdbc.update(
        """
        insert into parked_event (position, import_id, organization, event_type, error)
        values (?, ?, ?, ?, ?)
        on conflict (position) do update
          set %s,
              attempts = parked_event.attempts + case when excluded.error is null then 0 else 1 end
        """
            .formatted(ANOTHER_EVENT),
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

  void remove(long position) {
    jdbc.update("delete from parked_event where position = ? and discarded_at is null", position);
  }

  void discard(long position) {
    jdbc.update(
        "update parked_event set discarded_at = clock_timestamp() where position = ?", position);
  }
}
