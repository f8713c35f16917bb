package com.sdragent.imports.events;

import static com.sdragent.imports.events.ImportEventType.IMPORT_DELETED;
import static com.sdragent.imports.events.ImportEventType.IMPORT_DETAILS_CHANGED;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

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

  /** As if rows had another name before, and there had been no label. */
  private static final EventRevisions NEW =
      new EventRevisions(
          Map.of(IMPORT_DETAILS_CHANGED, List.of(new RowsRenamed())),
          Set.of(IMPORT_DETAILS_CHANGED));

  private static final class RowsRenamed implements EventRevisions.Step {
    @Override
    public ObjectNode toNext(ObjectNode event) {
      event.set("total_rows", event.required("rows"));
      return event.putNull("source_label");
    }

    @Override
    public ObjectNode toPrevious(ObjectNode event) {
      event.set("rows", event.required("total_rows"));
      event.remove(List.of("total_rows", "source_label"));
      return event;
    }
  }

  @Test
  void a_new_revision_is_not_read_by_all_and_can_be_written_as_the_one_before() {
    ImportEvent event = read(3, THIRD).orElseThrow();
    assertThat(NEW.newest(IMPORT_DETAILS_CHANGED)).isEqualTo(2);
    assertThat(NEW.readByAll(IMPORT_DETAILS_CHANGED)).isEqualTo(1);
    assertThat(NEW.readByAll(IMPORT_DELETED)).isEqualTo(1);
    String first = NEW.write(event, 1);
    assertThat(first).contains("\"rows\":7").doesNotContain("total_rows");
    assertThat(NEW.read("ImportDetailsChanged", 1, first.getBytes(UTF_8))).contains(event);
    String second = NEW.write(event, 2);
    assertThat(second).contains("\"total_rows\":7");
    assertThat(NEW.read("ImportDetailsChanged", 2, second.getBytes(UTF_8))).contains(event);
  }

  @Test
  void what_an_earlier_revision_cannot_say_is_not_written_as_that() {
    ImportEvent labelled =
        read(3, THIRD.replace("\"source_label\":null", "\"source_label\":\"HubSpot\""))
            .orElseThrow();
    assertThatThrownBy(() -> NEW.write(labelled, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("This ImportDetailsChanged says more than revision 1 can");
    assertThat(NEW.write(labelled, 2)).contains("HubSpot");
  }

  @Test
  void a_revision_that_every_node_reads_has_no_way_back() {
    ImportEvent event = read(3, THIRD).orElseThrow();
    assertThat(THREE.readByAll(IMPORT_DETAILS_CHANGED)).isEqualTo(3);
    for (int revision : new int[] {0, 1, 2, 4}) {
      assertThatThrownBy(() -> THREE.write(event, revision))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void the_first_revision_cannot_be_new() {
    assertThatThrownBy(() -> new EventRevisions(Map.of(), Set.of(IMPORT_DELETED)))
        .isInstanceOf(IllegalArgumentException.class);
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
