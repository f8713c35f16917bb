package com.sdragent.imports.events;

import static com.sdragent.imports.events.ImportEventType.IMPORT_DELETED;
import static com.sdragent.imports.events.ImportEventType.IMPORT_DETAILS_CHANGED;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changed details as if they had been stored in two other ways before. */
class EventRevisionsTest {
  private static final EventRevisions THREE =
      new EventRevisions(
          Map.of(
              IMPORT_DETAILS_CHANGED,
              List.of(
                  // 1 had no label; 2 still had the old name of the number of rows.
                  event -> event.putNull("source_label"),
                  event -> {
                    event.set("total_rows", event.required("rows"));
                    return event;
                  })));

  private static final String FIRST = details("\"rows\":7");
  private static final String SECOND = details("\"rows\":7,\"source_label\":null");
  private static final String THIRD = details("\"total_rows\":7,\"source_label\":null");

  @Test
  void every_revision_is_read_as_the_newest() {
    assertThat(THREE.newest(IMPORT_DETAILS_CHANGED)).isEqualTo(3);
    Optional<ImportEvent> newest = read(3, THIRD);
    assertThat(newest)
        .get()
        .isInstanceOfSatisfying(
            ImportDetailsChanged.class, event -> assertThat(event.totalRows()).isEqualTo(7));
    assertThat(read(1, FIRST)).isEqualTo(newest);
    assertThat(read(2, SECOND)).isEqualTo(newest);
  }

  @Test
  void a_type_or_revision_that_is_newer_than_known_is_no_event() {
    assertThat(read(4, THIRD)).isEmpty();
    assertThat(read(0, THIRD)).isEmpty();
    assertThat(THREE.read("ImportMerged", 1, THIRD.getBytes(UTF_8))).isEmpty();
    assertThat(THREE.read("ImportDeleted", 2, THIRD.getBytes(UTF_8))).isEmpty();
    assertThat(THREE.newest(IMPORT_DELETED)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "null", "[]", "7", "{}", "{\"rows\":\"x\"}", "{\"rows\":null}"})
  void what_is_not_what_it_is_said_to_be_is_refused_with_its_name_and_revision(String json) {
    assertThatThrownBy(() -> read(1, json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Not an event ImportDetailsChanged of revision 1");
  }

  @Test
  void nothing_that_is_no_event_is_read_as_one() {
    assertThatThrownBy(() -> read(3, "null")).isInstanceOf(IllegalArgumentException.class);
  }

  private static Optional<ImportEvent> read(int revision, String json) {
    return THREE.read("ImportDetailsChanged", revision, json.getBytes(UTF_8));
  }

  private static String details(String changed) {
    return "{\"import_id\":\"019376b2-7d1c-7e5f-9a51-3f0c5d2a9b10\",\"org_id\":\"123e4567-e89b-12d3-a456-426614174000\",\"source\":\"hubspot\",%s,\"occurred_at\":\"2024-10-06T12:00:00Z\"}"
        .formatted(changed);
  }
}
