package com.sdragent.imports.eventstore;

import java.time.Instant;
import org.axonframework.eventhandling.DomainEventData;
import org.axonframework.serialization.SerializedMetaData;
import org.axonframework.serialization.SerializedObject;
import org.axonframework.serialization.SimpleSerializedObject;

/** A snapshot, as Axon reads it. */
record StoredSnapshot(
    String aggregateId,
    long sequenceNumber,
    String snapshotType,
    int revision,
    Instant occurredAt,
    String payload)
    implements DomainEventData<String> {

  @Override
  public String getType() {
    return StoredEvent.AGGREGATE_TYPE;
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
    return aggregateId + "/" + sequenceNumber;
  }

  @Override
  public Instant getTimestamp() {
    return occurredAt;
  }

  @Override
  public SerializedObject<String> getPayload() {
    return new SimpleSerializedObject<>(
        payload, String.class, snapshotType, Integer.toString(revision));
  }

  @Override
  public SerializedObject<String> getMetaData() {
    return new SerializedMetaData<>("{}", String.class);
  }
}
