package com.sdragent.imports.command.web;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.sdragent.imports.command.publication.PublicationStatus;
import com.sdragent.imports.command.publication.Relay;
import com.sdragent.imports.command.publication.RelayProperties;
import com.sdragent.imports.command.publication.kafka.EventRecords;
import com.sdragent.imports.web.RequestParameters;
import jakarta.servlet.http.HttpServletRequest;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Tells where events are published and how far that is. */
@RestController
class PublicationController {
  private final Relay relay;
  private final RelayProperties topics;

  PublicationController(Relay relay, RelayProperties topics) {
    this.relay = relay;
    this.topics = topics;
  }

  /**
   * Where an import's events are in Kafka. It follows from the id, so it tells nothing of any
   * organization. The offset of a record is Kafka's own.
   *
   * @param position up to which events are published that are not parked, as far as it was noted
   * @param key of all records of the import
   * @param partition that Kafka's producers choose by that key
   */
  @JsonPropertyOrder({
    "events_topic",
    "state_topic",
    "partitions",
    "position",
    "import_id",
    "key",
    "partition"
  })
  record Place(
      @JsonProperty("events_topic") String eventsTopic,
      @JsonProperty("state_topic") String stateTopic,
      @JsonProperty("partitions") @Nullable Integer partitions,
      @JsonProperty("position") @Nullable Long position,
      @JsonProperty("import_id") @Nullable UUID importId,
      @JsonProperty("key") @Nullable String key,
      @JsonProperty("partition") @Nullable Integer partition) {}

  /** For operators. */
  @GetMapping(
      path = {"/admin/publication", "/admin/publication/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  PublicationStatus status() {
    return relay.status();
  }

  /** For whoever looks for the events of an import in Kafka. */
  @GetMapping(
      path = {"/publication", "/publication/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  Place place(HttpServletRequest request) {
    var parameters = new RequestParameters(request);
    UUID id = parameters.uuid("import_id");
    parameters.check();
    Relay.Reach reach = relay.reach();
    Integer partitions = reach.partitions();
    return new Place(
        topics.eventsTopic(),
        topics.stateTopic(),
        partitions,
        reach.position(),
        id,
        id == null ? null : id.toString(),
        id == null || partitions == null ? null : EventRecords.partition(id, partitions));
  }
}
