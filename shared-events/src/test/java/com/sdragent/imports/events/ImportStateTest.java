package com.sdragent.imports.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ImportStateTest {
  private static final UUID ID = UUID.fromString("019376b2-7d1c-7e5f-9a51-3f0c5d2a9b10");
  private static final UUID ORG = UUID.fromString("123e4567-e89b-12d3-a456-426614174000");
  private static final UUID CAMPAIGN = UUID.fromString("8d0f7780-8536-51ef-a948-f18ad2a01bf8");
  private static final Instant NOON = Instant.parse("2024-10-06T12:00:00Z");
  private static final Instant LATER = NOON.plusSeconds(1);

  private static final ImportEvent CREATED =
      new ImportCreated(
          ID, ORG, null, "hubspot", "HubSpot", "a.csv", ImportStatus.PENDING, 5, NOON);
  private static final ImportEvent DELETED = new ImportDeleted(ID, ORG, LATER);

  @Test
  void a_created_import_is_as_it_was_created_and_updated_when_it_was_created() {
    assertThat(ImportState.absent().next(CREATED))
        .isEqualTo(active(ImportStatus.PENDING, null, NOON));
  }

  @Test
  void a_changed_status_leaves_everything_else_alone() {
    var changed =
        new ImportStatusChanged(ID, ORG, ImportStatus.PENDING, ImportStatus.FAILED, LATER);
    assertThat(ImportState.absent().next(CREATED).next(changed))
        .isEqualTo(active(ImportStatus.FAILED, null, LATER));
  }

  @Test
  void changed_details_replace_source_file_name_and_rows() {
    var changed = new ImportDetailsChanged(ID, ORG, "webhook", "Webhook", null, 7, LATER);
    assertThat(ImportState.absent().next(CREATED).next(changed))
        .isEqualTo(
            new ImportState.Active(
                ID, ORG, null, "webhook", null, ImportStatus.PENDING, 7, NOON, LATER));
  }

  @Test
  void a_campaign_is_linked_and_unlinked() {
    var linked = new ImportCampaignLinked(ID, ORG, CAMPAIGN, LATER);
    var unlinked = new ImportCampaignUnlinked(ID, ORG, CAMPAIGN, LATER.plusSeconds(1));
    ImportState after = ImportState.absent().next(CREATED).next(linked);
    assertThat(after).isEqualTo(active(ImportStatus.PENDING, CAMPAIGN, LATER));
    assertThat(after.next(unlinked))
        .isEqualTo(active(ImportStatus.PENDING, null, LATER.plusSeconds(1)));
  }

  @Test
  void a_deleted_import_is_gone() {
    assertThat(ImportState.absent().next(CREATED).next(DELETED))
        .isEqualTo(new ImportState.Deleted(ID, ORG, LATER));
  }

  @Test
  void nothing_follows_a_deletion_and_nothing_precedes_a_creation() {
    ImportState deleted = ImportState.absent().next(CREATED).next(DELETED);
    for (ImportEvent event : List.of(CREATED, DELETED)) {
      assertThatThrownBy(() -> deleted.next(event))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("is deleted");
    }
    assertThatThrownBy(() -> ImportState.absent().next(DELETED))
        .hasMessage("ImportDeleted cannot follow: import " + ID + " is absent");
    assertThatThrownBy(() -> ImportState.absent().next(CREATED).next(CREATED))
        .hasMessageContaining("is active");
  }

  @Test
  void an_event_of_another_import_is_refused() {
    var other = new ImportDeleted(CAMPAIGN, ORG, LATER);
    assertThatThrownBy(() -> ImportState.absent().next(CREATED).next(other))
        .isInstanceOf(IllegalStateException.class);
  }

  private static ImportState active(ImportStatus status, @Nullable UUID campaign, Instant updated) {
    return new ImportState.Active(ID, ORG, campaign, "hubspot", "a.csv", status, 5, NOON, updated);
  }
}
