package com.sdragent.imports.eventstore;

import static com.sdragent.imports.events.ImportEventType.IMPORT_DETAILS_CHANGED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sdragent.imports.events.EventRevisions;
import com.sdragent.imports.events.ImportCampaignLinked;
import com.sdragent.imports.events.ImportCampaignUnlinked;
import com.sdragent.imports.events.ImportCreated;
import com.sdragent.imports.events.ImportDeleted;
import com.sdragent.imports.events.ImportDetailsChanged;
import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportEventType;
import com.sdragent.imports.events.ImportStatus;
import com.sdragent.imports.events.ImportStatusChanged;
import com.sdragent.imports.eventstore.append.EventStoreUnavailableException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.axonframework.serialization.SerializedObject;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class EventSerializerTest {
  private static final UUID ID = UUID.fromString("019376b2-7d1c-7e5f-9a51-3f0c5d2a9b10");

  /** As if the label were new. */
  private static final EventRevisions REVISIONS =
      new EventRevisions(
          Map.of(
              IMPORT_DETAILS_CHANGED,
              List.of(
                  new EventRevisions.Step() {
                    @Override
                    public ObjectNode toNext(ObjectNode event) {
                      return event.putNull("source_label");
                    }

                    @Override
                    public ObjectNode toPrevious(ObjectNode event) {
                      event.remove("source_label");
                      return event;
                    }
                  })),
          Set.of(IMPORT_DETAILS_CHANGED));

  @Test
  void an_event_is_written_as_every_node_reads_it_and_as_the_newest_after_the_switch() {
    var event = changed(null);
    SerializedObject<String> first = serializer(Map.of()).serialize(event, String.class);
    assertThat(first.getType().getRevision()).isEqualTo("1");
    assertThat(first.getData()).doesNotContain("source_label");
    assertThat(serializer(Map.of()).<String, Object>deserialize(first)).isEqualTo(event);

    EventSerializer switched = serializer(Map.of("ImportDetailsChanged", 2));
    SerializedObject<byte[]> second = switched.serialize(event, byte[].class);
    assertThat(second.getType().getRevision()).isEqualTo("2");
    assertThat(switched.<byte[], Object>deserialize(second)).isEqualTo(event);
  }

  @Test
  void what_only_the_new_revision_can_say_is_not_stored_before_the_switch() {
    var event = changed("HubSpot");
    assertThatThrownBy(() -> serializer(Map.of()).serialize(event, String.class))
        .isInstanceOf(EventStoreUnavailableException.class)
        .hasMessageContaining("ImportDetailsChanged says more than revision 1 can");
    assertThat(
            serializer(Map.of("ImportDetailsChanged", 2)).serialize(event, String.class).getData())
        .contains("HubSpot");
  }

  @Test
  void every_event_is_read_as_the_one_that_was_stored() {
    // Followers of a node's own log are given what was stored, without reading it again.
    var ever = Instant.parse("2024-10-06T12:00:00.123456789Z");
    String text = "'\"\\/\b\n\u0001\u2028 ä é 中 \uD83D\uDE80";
    List<ImportEvent> events =
        List.of(
            new ImportCreated(ID, ID, null, "csv", "CSV", null, ImportStatus.PENDING, 0, ever),
            new ImportCreated(
                ID, ID, ID, text, text, text, ImportStatus.FAILED, Long.MAX_VALUE, Instant.EPOCH),
            new ImportStatusChanged(ID, ID, ImportStatus.PENDING, ImportStatus.COMPLETED, ever),
            new ImportDetailsChanged(ID, ID, text, null, null, 7, ever),
            new ImportDetailsChanged(ID, ID, text, text, text, 7, ever),
            new ImportCampaignLinked(ID, ID, ID, ever),
            new ImportCampaignUnlinked(ID, ID, ID, ever),
            new ImportDeleted(ID, ID, ever));
    assertThat(events).extracting(ImportEventType::of).containsOnly(ImportEventType.values());
    var serializer = new EventSerializer(List.of());
    for (ImportEvent event : events) {
      SerializedObject<String> stored = serializer.serialize(event, String.class);
      assertThat(serializer.<String, Object>deserialize(stored)).isEqualTo(event);
    }
  }

  private static EventSerializer serializer(Map<String, Integer> written) {
    return new EventSerializer(REVISIONS, new EventRevisionProperties(written), List.of());
  }

  private static ImportDetailsChanged changed(@Nullable String label) {
    return new ImportDetailsChanged(ID, ID, "hubspot", label, null, 7, EventStoreFixture.NOON);
  }
}
