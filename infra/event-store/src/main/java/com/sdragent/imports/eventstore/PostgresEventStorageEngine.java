package com.sdragent.imports.eventstore;

import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.eventstore.append.AnsweredBeforeException;
import com.sdragent.imports.eventstore.append.AppendOutcomeUnknownException;
import com.sdragent.imports.eventstore.append.Appender;
import com.sdragent.imports.eventstore.append.EventRow;
import com.sdragent.imports.eventstore.append.EventStoreProperties;
import com.sdragent.imports.eventstore.append.EventStoreUnavailableException;
import com.sdragent.imports.eventstore.append.KeyedRequest;
import com.sdragent.imports.eventstore.append.OtherRequestException;
import com.sdragent.imports.eventstore.sessions.DedicatedConnections;
import com.sdragent.imports.loops.Loops;
import com.sdragent.imports.traces.Traces;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.axonframework.eventhandling.DomainEventData;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.EventUtils;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventData;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventsourcing.eventstore.BatchingEventStorageEngine;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.messaging.unitofwork.UnitOfWork;
import org.axonframework.serialization.SerializedObject;
import org.axonframework.serialization.Serializer;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The event store: one log of events in PostgreSQL, whose positions are 1..n without a gap and in
 * the order of the commits, however many nodes append. A tracking token is therefore one number,
 * and an event that is not yet visible is always later than all that are.
 *
 * <p>Appending throws {@link org.axonframework.modelling.command.AggregateStreamCreationException}
 * or {@link org.axonframework.modelling.command.ConcurrencyException} on a conflict, {@link
 * EventStoreUnavailableException} when nothing was stored and {@link AppendOutcomeUnknownException}
 * when that is not known. It takes {@link ImportEvent}s only.
 */
public final class PostgresEventStorageEngine extends BatchingEventStorageEngine
    implements AutoCloseable {

  /** The name of the unit of work's resource that holds, for each import, the event to follow. */
  private static final String FOLLOWED = PostgresEventStorageEngine.class.getName() + ".followed";

  private final JdbcTemplate jdbc;
  private final Appender appender;

  PostgresEventStorageEngine(
      JdbcTemplate jdbc,
      DedicatedConnections connections,
      EventStoreProperties properties,
      EventSerializer serializer,
      Timelines timelines,
      EventLog log,
      Loops loops,
      Traces traces,
      MeterRegistry metrics) {
    super(
        new Builder() {}.eventSerializer(serializer)
            .snapshotSerializer(serializer)
            // A snapshot of another fold than this version's is worthless, but the events are still
            // there.
            .snapshotFilter(snapshot -> serializer.knows(snapshot.getPayload().getType()))
            .batchSize(properties.readBatchSize()));
    this.jdbc = jdbc;
    appender =
        new Appender(connections, properties, timelines::meet, log::stored, loops, traces, metrics);
  }

  @Override
  protected void appendEvents(List<? extends EventMessage<?>> events, Serializer serializer) {
    if (events.isEmpty()) return;
    var rows = new ArrayList<EventRow>(events.size());
    for (EventMessage<?> message : events) {
      if (message instanceof DomainEventMessage<?> domain
          && domain.getPayload() instanceof ImportEvent event) {
        rows.add(row(domain, event, serializer));
      } else {
        throw new IllegalArgumentException(
            "Not an event of an import: " + message.getPayloadType());
      }
    }
    UnitOfWork<?> unitOfWork = CurrentUnitOfWork.isStarted() ? CurrentUnitOfWork.get() : null;
    EventRow last = rows.getLast();
    if (unitOfWork == null) {
      appender.append(rows, null);
      return;
    }
    UUID followed = followed(unitOfWork, last.aggregateId());
    UnitOfWork<?> command = unitOfWork.root();
    KeyedRequest request = KeyedRequest.of(command.getMessage().getMetaData());
    if (request == null) {
      appender.append(rows, followed);
    } else {
      // What the command decided is known by now.
      Object result = command.getExecutionResult().getResult().getPayload();
      appender.append(rows, followed, request, result);
    }
    followed(unitOfWork, last.aggregateId(), last.eventId());
  }

  /**
   * Keeps the answer of a request that causes no events, as the append of events does it.
   *
   * @param importId the import on which the answer was decided
   * @param last its last event then
   * @throws AnsweredBeforeException when the same request was answered before
   * @throws OtherRequestException when the key is that of another request
   * @throws org.axonframework.modelling.command.ConcurrencyException when the import has changed
   *     meanwhile
   */
  public void keep(KeyedRequest request, @Nullable Object result, UUID importId, LastEvent last) {
    appender.keep(request, result, importId, last.sequenceNumber(), last.eventId());
  }

  /**
   * Finds out whether a request about an import was answered before, and stores nothing.
   *
   * @throws AnsweredBeforeException when it was
   * @throws OtherRequestException when the key is that of another request
   */
  public void look(KeyedRequest request, UUID importId) {
    appender.look(request, importId);
  }

  /**
   * Notes the last event of the import that a command decides on: events appended in this unit of
   * work conflict unless they follow this very event. Without a note, they only need to follow its
   * number.
   */
  public static void followed(UnitOfWork<?> unitOfWork, UUID importId, UUID eventId) {
    Map<UUID, UUID> byImport =
        unitOfWork.root().getOrComputeResource(FOLLOWED, _ -> new HashMap<>(1));
    byImport.put(importId, eventId);
  }

  private static @Nullable UUID followed(UnitOfWork<?> unitOfWork, UUID importId) {
    Map<UUID, UUID> byImport = unitOfWork.root().getResource(FOLLOWED);
    return byImport == null ? null : byImport.get(importId);
  }

  private static EventRow row(
      DomainEventMessage<?> message, ImportEvent event, Serializer serializer) {
    UUID aggregateId = UUID.fromString(message.getAggregateIdentifier());
    UUID eventId = UUID.fromString(message.getIdentifier());
    // This is the precision that PostgreSQL keeps: the hashed time must be the stored one.
    Instant occurredAt = event.occurredAt().truncatedTo(ChronoUnit.MICROS);
    SerializedObject<String> stored = message.serializePayload(serializer, String.class);
    String type = stored.getType().getName();
    int revision = Integer.parseInt(stored.getType().getRevision());
    String payload = stored.getData();
    String metadata = message.serializeMetaData(serializer, String.class).getData();
    return new EventRow(
        aggregateId,
        message.getSequenceNumber(),
        eventId,
        type,
        revision,
        event.orgId(),
        occurredAt,
        payload,
        metadata,
        EventDigest.of(
            aggregateId,
            message.getSequenceNumber(),
            eventId,
            type,
            revision,
            event.orgId(),
            occurredAt,
            payload,
            metadata),
        message);
  }

  @Override
  protected void storeSnapshot(DomainEventMessage<?> snapshot, Serializer serializer) {
    SerializedObject<String> payload = snapshot.serializePayload(serializer, String.class);
    jdbc.update(
        """
        insert into snapshot (aggregate_id, sequence_number, snapshot_type, revision, occurred_at, payload)
        values (?, ?, ?, ?, ?, ?::json)
        on conflict (aggregate_id) do update
          set sequence_number = excluded.sequence_number, snapshot_type = excluded.snapshot_type,
              revision = excluded.revision, occurred_at = excluded.occurred_at, payload = excluded.payload
          where snapshot.sequence_number < excluded.sequence_number
             or snapshot.revision <> excluded.revision
        """,
        UUID.fromString(snapshot.getAggregateIdentifier()),
        snapshot.getSequenceNumber(),
        payload.getType().getName(),
        Integer.valueOf(payload.getType().getRevision()),
        OffsetDateTime.ofInstant(snapshot.getTimestamp(), ZoneOffset.UTC),
        payload.getData());
  }

  @Override
  protected Stream<? extends DomainEventData<?>> readSnapshotData(String aggregateIdentifier) {
    return jdbc
        .query(
            """
            select sequence_number, snapshot_type, revision, occurred_at, payload
            from snapshot s where aggregate_id = ?
              and exists (select from domain_event e
                          where e.aggregate_id = s.aggregate_id and e.sequence_number = s.sequence_number
                            and e.event_id::text = s.payload ->> 'last_event')
            """,
            (row, _) ->
                new StoredSnapshot(
                    aggregateIdentifier,
                    row.getLong(1),
                    row.getString(2),
                    row.getInt(3),
                    instant(row, 4),
                    row.getString(5)),
            UUID.fromString(aggregateIdentifier))
        .stream();
  }

  @Override
  protected List<? extends TrackedEventData<?>> fetchTrackedEvents(
      @Nullable TrackingToken lastToken, int batchSize) {
    return jdbc.query(
        "select "
            + StoredEvent.COLUMNS
            + " from domain_event where position > ? order by position limit ?",
        StoredEvent::read,
        position(lastToken),
        batchSize);
  }

  @Override
  protected List<? extends DomainEventData<?>> fetchDomainEvents(
      String aggregateIdentifier, long firstSequenceNumber, int batchSize) {
    return jdbc.query(
        "select "
            + StoredEvent.COLUMNS
            + " from domain_event where aggregate_id = ? and sequence_number >= ?"
            + " order by sequence_number limit ?",
        StoredEvent::read,
        UUID.fromString(aggregateIdentifier),
        firstSequenceNumber,
        batchSize);
  }

  /**
   * Passes on the events of these imports up to a position, those of each import in their order.
   * The memory it takes is constant, however many events there are.
   */
  public void readHistories(
      Collection<UUID> imports, long upTo, Consumer<? super TrackedEventMessage<?>> each) {
    readHistories(imports, 0, upTo, each);
  }

  /** Passes on the events of an import from a sequence number on and up to a position. */
  public void readHistory(
      UUID importId, long from, long upTo, Consumer<? super TrackedEventMessage<?>> each) {
    readHistories(List.of(importId), from, upTo, each);
  }

  /**
   * The sequence numbers of the snapshots of those of these imports that have a late one, which is
   * at least of this number, and of an event up to a position.
   */
  public Map<UUID, Long> lateSnapshots(Collection<UUID> imports, long least, long upTo) {
    var late = new HashMap<UUID, Long>();
    jdbc.query(
        """
        select aggregate_id, sequence_number
        from snapshot join domain_event e using (aggregate_id, sequence_number)
        where aggregate_id = any (?) and sequence_number >= ? and e.position <= ?
        """,
        row -> {
          late.put(row.getObject(1, UUID.class), row.getLong(2));
        },
        imports.toArray(UUID[]::new),
        least,
        upTo);
    return late;
  }

  private void readHistories(
      Collection<UUID> imports,
      long from,
      long upTo,
      Consumer<? super TrackedEventMessage<?>> each) {
    jdbc.execute(
        (ConnectionCallback<@Nullable Void>)
            connection -> {
              boolean autoCommit = connection.getAutoCommit();
              // The driver fetches in portions only within a transaction.
              connection.setAutoCommit(false);
              try (var select =
                  connection.prepareStatement(
                      "select "
                          + StoredEvent.COLUMNS
                          + " from domain_event where aggregate_id = any (?)"
                          + " and sequence_number >= ? and position <= ?"
                          + " order by aggregate_id, sequence_number")) {
                select.setArray(1, connection.createArrayOf("uuid", imports.toArray()));
                select.setLong(2, from);
                select.setLong(3, upTo);
                select.setFetchSize(batchSize());
                try (ResultSet rows = select.executeQuery()) {
                  while (rows.next()) messages(List.of(StoredEvent.read(rows, 0))).forEach(each);
                }
              } finally {
                connection.rollback();
                connection.setAutoCommit(autoCommit);
              }
              return null;
            });
  }

  private Stream<TrackedEventMessage<?>> messages(List<StoredEvent> stored) {
    return EventUtils.upcastAndDeserializeTrackedEvents(
        stored.stream(), getEventSerializer(), upcasterChain);
  }

  @Override
  public Optional<Long> lastSequenceNumberFor(String aggregateIdentifier) {
    return lastEventOf(UUID.fromString(aggregateIdentifier)).map(LastEvent::sequenceNumber);
  }

  /** The last event of an import, if it has any. */
  public Optional<LastEvent> lastEventOf(UUID importId) {
    return jdbc
        .query(
            """
            select sequence_number, event_id from domain_event where aggregate_id = ?
            order by sequence_number desc limit 1
            """,
            (row, _) -> new LastEvent(row.getLong(1), row.getObject(2, UUID.class)),
            importId)
        .stream()
        .findFirst();
  }

  /** The token before the first event. */
  @Override
  public TrackingToken createTailToken() {
    return new GlobalSequenceTrackingToken(0);
  }

  /** The token of the last event. */
  @Override
  public TrackingToken createHeadToken() {
    return new GlobalSequenceTrackingToken(head());
  }

  /** Not offered: nothing reads by tokens of Axon's, and the log has no index of times. */
  @Override
  public TrackingToken createTokenAt(Instant dateTime) {
    throw new UnsupportedOperationException(
        "The log is read by positions: it has no index of times");
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

  /** Stores the events that were accepted and refuses any more. */
  @Override
  public void close() {
    appender.close();
  }

  private static long position(@Nullable TrackingToken token) {
    if (token == null) return 0;
    if (token instanceof GlobalSequenceTrackingToken position) return position.getGlobalIndex();
    throw new IllegalArgumentException("Not a token of this store: " + token);
  }

  private static Instant instant(ResultSet row, int column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }
}
