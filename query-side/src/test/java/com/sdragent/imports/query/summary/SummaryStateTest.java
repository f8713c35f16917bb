package com.sdragent.imports.query.summary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sdragent.imports.events.ImportCampaignLinked;
import com.sdragent.imports.events.ImportCampaignUnlinked;
import com.sdragent.imports.events.ImportCreated;
import com.sdragent.imports.events.ImportDeleted;
import com.sdragent.imports.events.ImportDetailsChanged;
import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportEventType;
import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.ImportStatus;
import com.sdragent.imports.events.ImportStatusChanged;
import com.sdragent.imports.query.summary.SummaryState.Counted;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The summary's fold has to say of every history what the fold of imports says. */
class SummaryStateTest {
  private static final UUID ID = UUID.fromString("019376b2-7d1c-7e5f-9a51-3f0c5d2a9b10");
  private static final UUID ORG = UUID.fromString("123e4567-e89b-12d3-a456-426614174000");
  private static final UUID CAMPAIGN = UUID.fromString("8d0f7780-8536-51ef-a948-f18ad2a01bf8");
  private static final Instant NOON = Instant.parse("2024-10-06T12:00:00Z");

  private static final List<ImportEvent> EVENTS =
      List.of(
          new ImportCreated(
              ID, ORG, CAMPAIGN, "csv_upload", "CSV", "a.csv", ImportStatus.PENDING, 5, NOON),
          new ImportStatusChanged(ID, ORG, ImportStatus.PENDING, ImportStatus.FAILED, NOON),
          new ImportDetailsChanged(ID, ORG, "hubspot", "HubSpot", null, 7, NOON),
          new ImportCampaignUnlinked(ID, ORG, CAMPAIGN, NOON),
          new ImportCampaignLinked(ID, ORG, CAMPAIGN, NOON),
          new ImportDeleted(ID, ORG, NOON));

  @Test
  void no_type_of_event_is_left_out() {
    assertThat(EVENTS).extracting(ImportEventType::of).contains(ImportEventType.values());
  }

  @Test
  void an_import_counts_as_what_it_is_after_each_event() {
    ImportState whole = ImportState.absent();
    SummaryState counted = SummaryState.ABSENT;
    for (ImportEvent event : EVENTS) {
      whole = whole.next(event);
      counted = event.accept(counted);
      assertThat(counted.now()).isEqualTo(counted(whole));
    }
  }

  @Test
  void whatever_cannot_follow_for_an_import_cannot_follow_here() {
    ImportState whole = ImportState.absent();
    SummaryState counted = SummaryState.ABSENT;
    for (ImportEvent event : EVENTS) {
      for (ImportEvent other : EVENTS) {
        assertThat(follows(counted, other))
            .as(other + " after " + whole)
            .isEqualTo(follows(whole, other));
      }
      whole = whole.next(event);
      counted = event.accept(counted);
    }
    for (ImportEvent other : EVENTS) assertThat(follows(counted, other)).isFalse();
    var anothers = new ImportDeleted(UUID.randomUUID(), ORG, NOON);
    SummaryState created = EVENTS.getFirst().accept(SummaryState.ABSENT);
    assertThatThrownBy(() -> anothers.accept(created)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  @SuppressWarnings("NullAway")
  void an_event_that_lacks_what_is_counted_cannot_be_applied() {
    var created = new ImportCreated(ID, ORG, null, "hubspot", "HubSpot", "a.csv", null, 5, NOON);
    assertThatThrownBy(() -> created.accept(SummaryState.ABSENT))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("An import without status");
    SummaryState before = EVENTS.getFirst().accept(SummaryState.ABSENT);
    var changed = new ImportStatusChanged(ID, ORG, ImportStatus.PENDING, null, NOON);
    assertThatThrownBy(() -> changed.accept(before)).isInstanceOf(IllegalStateException.class);
  }

  private static boolean follows(ImportState state, ImportEvent event) {
    try {
      state.next(event);
      return true;
    } catch (IllegalStateException e) {
      return false;
    }
  }

  private static boolean follows(SummaryState state, ImportEvent event) {
    try {
      event.accept(state);
      return true;
    } catch (IllegalStateException e) {
      return false;
    }
  }

  private static @org.jspecify.annotations.Nullable Counted counted(ImportState state) {
    return state instanceof Active now
        ? new Counted(now.status(), now.source(), now.campaignId(), now.totalRows())
        : null;
  }
}
