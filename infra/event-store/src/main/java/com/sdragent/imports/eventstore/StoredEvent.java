package com.sdragent.imports.eventstore;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.axonframework.eventhandling.DomainEventData;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventData;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.serialization.SerializedMetaData;
import org.axonframework.serialization.SerializedObject;
import org.axonframework.serialization.SimpleSerializedObject;

/** A row of the log, as Axon reads it. */
record StoredEvent(
    long position,
    String aggregateId,
    long sequenceNumber,
    String eventId,
    String type,
    int revision,
    Instant occurredAt,
    String payload,
    String metadata)
    implements DomainEventData<String>, TrackedEventData<String> {

  /** The columns in the order in which {@link #read} takes them. */
  static final String COLUMNS =
      "position, aggregate_id, sequence_number, event_id, event_type, revision, occurred_at,"
          + " payload, metadata";

  /** The only kind of aggregate that the store holds. */
  static final String AGGREGATE_TYPE = "Import";

  /** Reads a row that begins with the columns, whatever its number is. */
  static StoredEvent read(ResultSet row, int number) throws SQLException {
    return new StoredEvent(
        row.getLong(1),
        row.getString(2),
        row.getLong(3),
        row.getString(4),
        row.getString(5),
        row.getInt(6),
        row.getObject(7, OffsetDateTime.class).toInstant(),
        row.getString(8),
        row.getString(9));
  }

  @Override
  public TrackingToken trackingToken() {
    return new GlobalSequenceTrackingToken(position);
  }

  @Override
  public String getType() {
    return AGGREGATE_TYPE;
  }

  @Override
  public String getAggregateIdentifier() {
    return aggregateId;
  }

  @Override
  public long getSequenceNumber() {
    return sequenceNumber;
  }

  @Override
  public String getEventIdentifier() {
    return eventId;
  }

  @Override
  public Instant getTimestamp() {
    return occurredAt;
  }

  @Override
  public SerializedObject<String> getPayload() {
    return new SimpleSerializedObject<>(payload, String.class, type, Integer.toString(revision));
  }

  @Override
  public SerializedObject<String> getMetaData() {
    return new SerializedMetaData<>(metadata, String.class);
  }
}
