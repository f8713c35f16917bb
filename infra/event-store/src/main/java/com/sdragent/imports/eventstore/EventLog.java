package com.sdragent.imports.eventstore;

import com.sdragent.imports.eventstore.append.EventRow;
import com.sdragent.imports.eventstore.append.SeenEvent;
import com.sdragent.imports.eventstore.sessions.VisibleRows;
import java.sql.PreparedStatement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.axonframework.serialization.SimpleSerializedType;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.ArgumentPreparedStatementSetter;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;

/**
 * The log as projections, private replays and those who operate the service read it. They read in
 * chunks of one statement each, so that no reader holds a connection or a database snapshot for
 * longer than a chunk takes.
 */
public final class EventLog {
  static final String SELECT =
      "select " + StoredEvent.COLUMNS + ", organization from domain_event ";

  /** The conditions of one import's events after a sequence number. */
  static final String OF_IMPORT =
      "where aggregate_id = ? and sequence_number > ? order by sequence_number limit ?";

  /** How many of the newest events are kept for those who follow the log. */
  private static final int KEPT = 2000;

  /** How many of many rows the driver has in memory. */
  private static final int FETCHED = 1000;

  private static final List<RecordedEvent> NONE = List.of();

  private final JdbcTemplate jdbc;
  private final EventSerializer serializer;

  /** The newest events that this node has read or stored, without a gap. */
  private final NewestEvents newest = new NewestEvents(KEPT);

  EventLog(JdbcTemplate jdbc, EventSerializer serializer) {
    this.jdbc = jdbc;
    this.serializer = serializer;
  }

  /** A place in the order of imports and, within each, of their events. */
  public record ImportOrder(UUID importId, long sequence) {
    /** The place before all events. */
    public static final ImportOrder START = new ImportOrder(new UUID(0, 0), -1);

    /** The place of this event. */
    public static ImportOrder at(RecordedEvent event) {
      return new ImportOrder(event.importId(), event.sequence());
    }
  }

  /**
   * Events, and the number of the {@link Timelines timeline} that they were read on, which is 0
   * when there is none.
   */
  public record Tail(List<RecordedEvent> events, int timeline) {}

  /**
   * Which events of any organization are wanted. A null does not restrict them.
   *
   * @param from the first time that counts
   * @param until the first time that no longer counts
   */
  public record Selection(
      @Nullable UUID orgId,
      @Nullable String type,
      @Nullable UUID importId,
      @Nullable Instant from,
      @Nullable Instant until) {

    public Selection {
      from = from == null ? null : Micros.ceiling(from);
      until = until == null ? null : Micros.ceiling(until);
    }
  }

  /** The log as requests read it, who see what is of their organization. */
  public VisibleLog through(VisibleRows visible) {
    return new VisibleLog(visible, rows());
  }

  /** The events after this position, of all organizations. */
  public List<RecordedEvent> eventsAfter(long position, int limit) {
    return query("where position > ? order by position limit ?", position, limit);
  }

  /**
   * The event at this position and those after it, of all organizations. Those who follow the log
   * share what they read, and what this node has stored, so that each event is read once a node or
   * not at all. What was shared before is believed only if this call's own statement finds the last
   * of it in its place: then all before it are still the log's as well.
   */
  public List<RecordedEvent> following(long position, int limit) {
    List<RecordedEvent> known = newest.get();
    if (known.isEmpty()
        || position < known.getFirst().position()
        || position > known.getLast().position()) {
      return read(position, limit, known);
    }
    RecordedEvent last = known.getLast();
    List<RecordedEvent> wanted =
        known.subList((int) (position - known.getFirst().position()), known.size());
    List<RecordedEvent> later =
        eventsAfter(last.position() - 1, Math.max(1, limit - wanted.size() + 1));
    if (later.isEmpty() || !later.getFirst().eventId().equals(last.eventId())) {
      newest.forget(known);
      return read(position, limit, NONE);
    }
    if (later.size() == 1) return wanted.subList(0, Math.min(limit, wanted.size()));
    var all = new ArrayList<>(wanted);
    all.addAll(later.subList(1, later.size()));
    newest.add(known, known(later.subList(1, later.size())));
    return all;
  }

  private List<RecordedEvent> read(long position, int limit, List<RecordedEvent> known) {
    List<RecordedEvent> read = eventsAfter(position - 1, limit);
    // Whoever is far behind reads for itself.
    boolean isNewer =
        !read.isEmpty()
            && (known.isEmpty() || read.getLast().position() > known.getLast().position());
    if (isNewer) newest.replace(known, known(read));
    return read;
  }

  /**
   * Shares events that this node has stored with those who follow the log. They join only the very
   * event that they were stored after: others may have stored events between, or the store may have
   * gone back.
   */
  void stored(SeenEvent after, List<EventRow> rows) {
    List<RecordedEvent> known = newest.get();
    if (known.isEmpty()) return;
    RecordedEvent last = known.getLast();
    if (last.position() != after.position() || !last.eventId().equals(after.eventId())) return;
    var later = new ArrayList<RecordedEvent>(rows.size());
    for (EventRow row : rows) later.add(recorded(row, after.position() + later.size() + 1));
    newest.add(known, known(later));
  }

  private RecordedEvent recorded(EventRow row, long position) {
    var stored =
        new StoredEvent(
            position,
            row.aggregateId().toString(),
            row.sequenceNumber(),
            row.eventId().toString(),
            row.type(),
            row.revision(),
            row.occurredAt(),
            row.payload(),
            row.metadata());
    return new RecordedEvent(
        stored, row.aggregateId(), row.organization(), serializer, row.message());
  }

  private boolean isKnown(RecordedEvent event) {
    return serializer.knows(
        new SimpleSerializedType(event.type(), Integer.toString(event.revision())));
  }

  /** What this version does not know makes everybody stop there, and look again. */
  private List<RecordedEvent> known(List<RecordedEvent> events) {
    for (int i = 0; i < events.size(); i++) {
      if (!isKnown(events.get(i))) return events.subList(0, i);
    }
    return events;
  }

  /**
   * The events after this position, of all organizations. The result tells a reader that follows
   * the log when the log continues on another timeline.
   */
  public Tail tail(long position, int limit) {
    var timeline = new AtomicInteger();
    RowMapper<RecordedEvent> event = rows();
    List<RecordedEvent> events =
        jdbc.query(
            "select *, (select max(number) from store_timeline) from ("
                + SELECT
                + "where position > ? order by position limit ?) e order by position",
            (row, number) -> {
              timeline.set(row.getInt(11));
              return event.mapRow(row, number);
            },
            position,
            limit);
    return new Tail(events, timeline.get());
  }

  /** The first selected events after one position, up to and including another. */
  public List<RecordedEvent> selected(Selection selection, long after, long upTo, int limit) {
    var values = new ArrayList<Object>();
    String conditions = conditions(selection, after, upTo, values);
    values.add(limit);
    return query(conditions + " order by position limit ?", values.toArray());
  }

  /** How many selected events there are after one position, up to and including another. */
  public long count(Selection selection, long after, long upTo) {
    var values = new ArrayList<Object>();
    String conditions = conditions(selection, after, upTo, values);
    Long count =
        jdbc.queryForObject(
            "select count(*) from domain_event " + conditions, Long.class, values.toArray());
    return count == null ? 0 : count;
  }

  private static String conditions(
      Selection selection, long after, long upTo, List<Object> values) {
    var conditions = new StringBuilder("where position > ? and position <= ?");
    values.addAll(List.of(after, upTo));
    restrict(conditions, values, "organization = ?", selection.orgId());
    restrict(conditions, values, "event_type = ?", selection.type());
    restrict(conditions, values, "aggregate_id = ?", selection.importId());
    Instant from = selection.from();
    restrict(conditions, values, "occurred_at >= ?", from == null ? null : timestamp(from));
    Instant until = selection.until();
    restrict(conditions, values, "occurred_at < ?", until == null ? null : timestamp(until));
    return conditions.toString();
  }

  static void restrict(
      StringBuilder conditions, List<Object> values, String condition, @Nullable Object value) {
    if (value == null) return;
    conditions.append(" and ").append(condition);
    values.add(value);
  }

  /** One import's events after this sequence number, whatever its organization. */
  public List<RecordedEvent> ofImport(UUID id, long after, int limit) {
    return query(OF_IMPORT, id, after, limit);
  }

  /**
   * All events after this place in the order of imports, some at a time. In a transaction, no more
   * of them are fetched than are kept.
   *
   * @param upTo the last position that counts
   */
  public EventPart inImportOrder(ImportOrder after, long upTo, int limit) {
    RowMapper<RecordedEvent> event = rows();
    EventPart part =
        jdbc.query(
            connection -> {
              PreparedStatement select =
                  connection.prepareStatement(
                      SELECT
                          + "where (aggregate_id, sequence_number) > (?, ?) and position <= ?"
                          + " order by aggregate_id, sequence_number limit ?");
              select.setFetchSize(FETCHED);
              return select;
            },
            new ArgumentPreparedStatementSetter(
                new Object[] {after.importId(), after.sequence(), upTo, limit}),
            found -> EventPart.read(found, event, limit));
    return Objects.requireNonNull(part);
  }

  /** The position of the last event, or 0 when there is none. */
  public long head() {
    return jdbc
        .query(
            "select position from domain_event order by position desc limit 1",
            (row, _) -> row.getLong(1))
        .stream()
        .findFirst()
        .orElse(0L);
  }

  private List<RecordedEvent> query(String conditions, Object... values) {
    return jdbc.query(SELECT + conditions, rows(), values);
  }

  private RowMapper<RecordedEvent> rows() {
    return (row, number) ->
        new RecordedEvent(StoredEvent.read(row, number), row.getObject(10, UUID.class), serializer);
  }

  /** Events have whole microseconds: a finer fraction must not be rounded up to the next one. */
  static OffsetDateTime timestamp(Instant time) {
    return OffsetDateTime.ofInstant(Micros.floor(time), ZoneOffset.UTC);
  }
}
