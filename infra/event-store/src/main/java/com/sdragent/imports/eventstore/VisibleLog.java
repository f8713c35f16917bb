package com.sdragent.imports.eventstore;

import com.sdragent.imports.eventstore.EventLog.ImportOrder;
import com.sdragent.imports.eventstore.sessions.VisibleRows;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.RowMapper;

/**
 * The log as requests read it: the events of the organization that asks, and of no other. They read
 * in chunks of one statement each, so that no reader holds a connection or a database snapshot for
 * longer than a chunk takes.
 */
public final class VisibleLog {
  /**
   * The most events of an organization that one look goes through for those of one type, of which
   * there may be few, however many events others have stored between them.
   */
  static final int LOOKED_AT = 5_000;

  private final VisibleRows rows;
  private final RowMapper<RecordedEvent> event;

  VisibleLog(VisibleRows rows, RowMapper<RecordedEvent> event) {
    this.rows = rows;
    this.event = event;
  }

  /** The place where an import was created, by which lists of the past are ordered. */
  public record Creation(UUID importId, Instant createdAt) {}

  /** Which events of an organization are wanted. A null does not restrict them. */
  public record FeedFilter(UUID orgId, @Nullable String type, @Nullable UUID importId) {

    /** Whether the filter wants every event of the organization. */
    public boolean wantsAll() {
      return type == null && importId == null;
    }

    /** Whether the filter wants this event. */
    public boolean wants(RecordedEvent event) {
      return event.orgId().equals(orgId)
          && (type == null || type.equals(event.type()))
          && (importId == null || importId.equals(event.importId()));
    }
  }

  /**
   * A part of a feed.
   *
   * @param head the position of the store's last event when it was read
   * @param through the position up to which this look went, when fewer events than wanted passed or
   *     they were long ({@link EventPart})
   */
  public record FeedPage(long head, long through, List<RecordedEvent> events) {}

  /**
   * The organization's events after this position, up to and including another, and the head of the
   * store, in one statement.
   *
   * <p>The head is a query within the query, so that it is asked for once and not for each row.
   */
  public FeedPage feed(FeedFilter filter, long after, long upTo, int limit) {
    var values = new ArrayList<Object>();
    String wanted =
        filter.importId() == null
            ? ofOrganization(filter, after, upTo, values)
            : ofImport(filter, filter.importId(), after, upTo, values);
    values.add(limit);
    return rows.query(
        Set.of(filter.orgId()),
        "select e.*, h.head from (select (select domain_event_head()) as head) h left join lateral"
            + " ("
            + wanted
            + " limit ?) e on true order by e.position",
        found -> page(found, filter, upTo, limit),
        values.toArray());
  }

  /**
   * Comparing pairs leaves PostgreSQL no plan but the index of organizations. By the positions
   * alone, it would find the few events of a small organization only after all those of the others.
   */
  private static String ofOrganization(
      FeedFilter filter, long after, long upTo, List<Object> values) {
    values.addAll(List.of(filter.orgId(), after, filter.orgId(), upTo));
    String all =
        EventLog.SELECT
            + "where (organization, position) > (?, ?) and (organization, position) <= (?, ?)"
            + " order by organization, position";
    if (filter.type() == null) return all;
    values.addAll(List.of(LOOKED_AT, filter.type()));
    return "select * from (select w.*, row_number() over (order by organization, position) = "
        + LOOKED_AT
        + " as is_last from ("
        + all
        + " limit ?) w) w where event_type = ? or is_last";
  }

  /**
   * All of an import's events are gone through, in a query of its own: with all conditions in one
   * PostgreSQL would also read the index of organizations, for any values, and so all entries of a
   * large one.
   */
  private static String ofImport(
      FeedFilter filter, UUID importId, long after, long upTo, List<Object> values) {
    values.addAll(List.of(importId, filter.orgId(), after, upTo));
    var conditions = new StringBuilder("organization = ? and position > ? and position <= ?");
    EventLog.restrict(conditions, values, "event_type = ?", filter.type());
    return "select * from ("
        + EventLog.SELECT
        + "where aggregate_id = ? order by aggregate_id, sequence_number offset 0) w where "
        + conditions;
  }

  private FeedPage page(ResultSet found, FeedFilter filter, long upTo, int limit)
      throws SQLException {
    boolean isBounded = filter.type() != null && filter.importId() == null;
    long head = 0;
    long through = upTo;
    long left = EventPart.room(limit);
    var events = new ArrayList<RecordedEvent>();
    while (left > 0 && found.next()) {
      head = found.getLong("head");
      if (found.getLong(1) == 0) continue;
      if (isBounded && found.getBoolean("is_last")) through = found.getLong(1);
      RecordedEvent next = event.mapRow(found, events.size());
      if (next == null || !filter.wants(next)) continue;
      events.add(next);
      left -= next.length();
      if (left <= 0) through = next.position();
    }
    return new FeedPage(head, through, events);
  }

  /**
   * The position after which the organization's last events of this number are, or all of them when
   * there are fewer. After the position for none there is nothing yet.
   */
  public long beforeLast(UUID organization, int events) {
    List<Long> found =
        rows.query(
            organization,
            "select coalesce((select position from domain_event where organization = ?"
                + " order by organization desc, position desc offset ? limit 1),"
                + " case when ? = 0 then domain_event_head() else 0 end)",
            (row, _) -> row.getLong(1),
            organization,
            events,
            events);
    return found.getFirst();
  }

  /**
   * The position after which the organization's events of this time and later are. Times grow with
   * positions as far as the clocks of the nodes agree, so a few looks halve what is left.
   */
  public long before(UUID organization, Instant time) {
    long earlier = 0;
    long later = beforeLast(organization, 0);
    while (earlier < later) {
      long middle = earlier + (later - earlier) / 2;
      List<Placed> next =
          rows.query(
              organization,
              "select position, occurred_at from domain_event where (organization, position) > (?,"
                  + " ?) and organization = ? order by organization, position limit 1",
              (row, _) ->
                  new Placed(row.getLong(1), row.getObject(2, OffsetDateTime.class).toInstant()),
              organization,
              middle,
              organization);
      if (next.isEmpty() || !next.getFirst().time().isBefore(time)) later = middle;
      else earlier = next.getFirst().position();
    }
    return earlier;
  }

  private record Placed(long position, Instant time) {}

  /** The events after this sequence number of an import of the organization. */
  public List<RecordedEvent> ofImport(UUID organization, UUID id, long after, int limit) {
    return query(organization, EventLog.OF_IMPORT, id, after, limit);
  }

  /** Some of the events after this sequence number of an import of the organization. */
  public EventPart partOfImport(UUID organization, UUID id, long after, int limit) {
    return rows.query(
        Set.of(organization),
        EventLog.SELECT + EventLog.OF_IMPORT,
        found -> EventPart.read(found, event, limit),
        id,
        after,
        limit);
  }

  /**
   * The events of an import of the organization after its last one up to and including this time,
   * however many events it had before.
   */
  public List<RecordedEvent> ofImport(UUID organization, UUID id, Instant after, int limit) {
    return query(
        organization,
        "where aggregate_id = ? and sequence_number > coalesce((select sequence_number"
            + " from domain_event where aggregate_id = ? and occurred_at <= ?"
            + " order by sequence_number desc limit 1), -1) order by sequence_number limit ?",
        id,
        id,
        EventLog.timestamp(after),
        limit);
  }

  /**
   * The events of these imports of the organization after this place, in the order of imports.
   *
   * @param upTo the last position that counts
   * @param until the last time that counts
   */
  public List<RecordedEvent> ofImports(
      UUID organization,
      Collection<UUID> ids,
      ImportOrder after,
      long upTo,
      Instant until,
      int limit) {
    return query(
        organization,
        "where aggregate_id = any (?) and (aggregate_id, sequence_number) > (?, ?)"
            + " and position <= ? and occurred_at <= ?"
            + " order by aggregate_id, sequence_number limit ?",
        ids.toArray(UUID[]::new),
        after.importId(),
        after.sequence(),
        upTo,
        EventLog.timestamp(until),
        limit);
  }

  /**
   * The organization's imports that were created up to and including this time, even deleted ones.
   * The newest come first, and those of one time are ordered by id.
   *
   * @param after the import that the last chunk ended with, or null
   */
  public List<Creation> creations(UUID orgId, Instant until, @Nullable Creation after, int limit) {
    String select =
        "select aggregate_id, occurred_at from domain_event"
            + " where organization = ? and sequence_number = 0 and occurred_at <= ?";
    String order = " order by occurred_at desc, aggregate_id limit ?";
    RowMapper<Creation> creation =
        (row, _) ->
            new Creation(
                row.getObject(1, UUID.class), row.getObject(2, OffsetDateTime.class).toInstant());
    if (after == null) {
      return rows.query(orgId, select + order, creation, orgId, EventLog.timestamp(until), limit);
    }
    OffsetDateTime last = EventLog.timestamp(after.createdAt());
    // The earlier of both times bounds the index scan; the condition settles equal times.
    OffsetDateTime bound = after.createdAt().isBefore(until) ? last : EventLog.timestamp(until);
    return rows.query(
        orgId,
        select + " and (occurred_at < ? or aggregate_id > ?)" + order,
        creation,
        orgId,
        bound,
        last,
        after.importId(),
        limit);
  }

  /**
   * Those of these imports of the organization that have an event later than a moment, by the last
   * event of each, however many it has.
   *
   * @param position the last position of the moment
   * @param time the last time of the moment
   */
  public List<UUID> touchedAfter(
      UUID organization, Collection<UUID> ids, long position, Instant time) {
    return rows.query(
        organization,
        "select id from unnest(?) id cross join lateral (select position, occurred_at"
            + " from domain_event where aggregate_id = id order by sequence_number desc limit 1)"
            + " last where last.position > ? or last.occurred_at > ?",
        (row, _) -> row.getObject(1, UUID.class),
        ids.toArray(UUID[]::new),
        position,
        EventLog.timestamp(time));
  }

  private List<RecordedEvent> query(UUID organization, String conditions, Object... values) {
    return rows.query(organization, EventLog.SELECT + conditions, event, values);
  }
}
