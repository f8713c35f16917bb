package com.sdragent.imports.eventstore;

import java.time.Instant;
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

  /** The only kind of aggregate that the store holds. */
  static final String AGGREGATE_TYPE = "Import";

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
