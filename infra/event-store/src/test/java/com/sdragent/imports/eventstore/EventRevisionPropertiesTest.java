package com.sdragent.imports.eventstore;

import static com.sdragent.imports.events.ImportEventType.IMPORT_CREATED;
import static com.sdragent.imports.events.ImportEventType.IMPORT_DELETED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sdragent.imports.events.EventRevisions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EventRevisionPropertiesTest {
  /** The second revision of deletions is new. */
  private static final EventRevisions REVISIONS =
      new EventRevisions(
          Map.of(IMPORT_DELETED, List.of(event -> event), IMPORT_CREATED, List.of(event -> event)),
          Set.of(IMPORT_DELETED));

  @Test
  void without_a_setting_what_every_node_reads_is_written() {
    assertThat(EventRevisionProperties.DEFAULTS.written(REVISIONS))
        .containsEntry(IMPORT_DELETED, 1)
        .containsEntry(IMPORT_CREATED, 2);
  }

  @Test
  void a_setting_switches_to_the_new_revision_however_its_name_is_written() {
    assertThat(written("ImportDeleted", 2)).containsEntry(IMPORT_DELETED, 2);
    assertThat(written("importdeleted", 2)).containsEntry(IMPORT_DELETED, 2);
  }

  @Test
  void a_setting_of_a_version_before_changes_nothing() {
    assertThat(written("ImportCreated", 1)).containsEntry(IMPORT_CREATED, 2);
  }

  @Test
  void an_event_or_a_revision_that_is_not_known_is_told_with_the_property_and_the_fix() {
    assertThatThrownBy(() -> written("ImportMerged", 1))
        .hasMessageContaining("imports.events.written-revisions.ImportMerged")
        .hasMessageContaining("ImportDeleted");
    for (int revision : new int[] {0, 3}) {
      assertThatThrownBy(() -> written("ImportDeleted", revision))
          .hasMessageContaining("imports.events.written-revisions.ImportDeleted is " + revision)
          .hasMessageContaining("1 to 2");
    }
  }

  private static Map<com.sdragent.imports.events.ImportEventType, Integer> written(
      String name, int revision) {
    return new EventRevisionProperties(Map.of(name, revision)).written(REVISIONS);
  }
}
