package com.sdragent.imports.events.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sdragent.imports.events.EventRevisions;
import com.sdragent.imports.events.ImportDeleted;
import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportEventType;
import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.UnknownImportEvent;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

class ImportEventDeserializerTest {
  private static final UUID ID = UUID.fromString("019376b2-7d1c-7e5f-9a51-3f0c5d2a9b10");
  private static final UUID ORG = UUID.fromString("123e4567-e89b-12d3-a456-426614174000");
  private static final Instant NOON = Instant.parse("2024-10-06T12:00:00Z");
  private static final String DELETED =
      "{\"import_id\":\"%s\",\"org_id\":\"%s\",\"occurred_at\":\"%s\",\"reason\":{\"new\":1}}"
          .formatted(ID, ORG, NOON);

  private final ImportEventDeserializer events = new ImportEventDeserializer();

  @Test
  void an_event_is_read_and_properties_that_are_not_known_are_ignored() {
    assertThat(read("com.sdragent.imports.ImportDeleted.v1", DELETED))
        .isEqualTo(new ImportDeleted(ID, ORG, NOON));
  }

  @Test
  void a_type_or_revision_that_is_not_known_is_handed_over_as_such() {
    for (String type :
        new String[] {
          "com.sdragent.imports.ImportMerged.v1",
          "com.sdragent.imports.ImportDeleted.v2",
          "com.sdragent.imports.ImportDeleted.v99999999999",
          "com.example.ImportDeleted.v1"
        }) {
      ImportEvent event = read(type, DELETED);
      assertThat(event).isEqualTo(new UnknownImportEvent(type, ID, ORG, NOON, DELETED));
      assertThatThrownBy(() -> ImportState.absent().next(event))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(type);
    }
  }

  @Test
  void an_event_of_an_earlier_revision_is_read_as_the_newest() {
    var second =
        new ImportEventDeserializer(
            new EventRevisions(
                Map.of(
                    ImportEventType.IMPORT_DELETED,
                    List.of(
                        event -> {
                          event.set("occurred_at", event.required("at"));
                          return event;
                        }))));
    var deleted = new ImportDeleted(ID, ORG, NOON);
    assertThat(
            read(
                second,
                "com.sdragent.imports.ImportDeleted.v1",
                DELETED.replace("occurred_at", "at")))
        .isEqualTo(deleted);
    assertThat(read(second, "com.sdragent.imports.ImportDeleted.v2", DELETED)).isEqualTo(deleted);
    assertThat(read(second, "com.sdragent.imports.ImportDeleted.v3", DELETED))
        .isInstanceOf(UnknownImportEvent.class);
  }

  @Test
  void what_is_no_event_of_an_import_is_said_to_be_none() {
    byte[] value = DELETED.getBytes(UTF_8);
    assertThatThrownBy(() -> events.deserialize("t", new RecordHeaders(), value))
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining("ce_type");
    assertThatThrownBy(() -> events.deserialize("t", value))
        .isInstanceOf(SerializationException.class);
    assertThatThrownBy(() -> read("com.sdragent.imports.ImportDeleted.v1", "{"))
        .isInstanceOf(SerializationException.class);
  }

  @Test
  void a_tombstone_is_null() {
    assertThat(events.deserialize("t", new RecordHeaders(), (byte[]) null)).isNull();
    assertThat(new ImportStateDeserializer().deserialize("t", null)).isNull();
  }

  private ImportEvent read(String type, String json) {
    return read(events, type, json);
  }

  private static ImportEvent read(ImportEventDeserializer events, String type, String json) {
    var headers = new RecordHeaders();
    Map.of(
            "ce_type",
            type,
            "ce_subject",
            ID.toString(),
            "ce_organization",
            ORG.toString(),
            "ce_time",
            NOON.toString())
        .forEach((name, value) -> headers.add(name, value.getBytes(UTF_8)));
    ImportEvent event = events.deserialize("t", headers, json.getBytes(UTF_8));
    assertThat(event).isNotNull();
    return java.util.Objects.requireNonNull(event);
  }
}
