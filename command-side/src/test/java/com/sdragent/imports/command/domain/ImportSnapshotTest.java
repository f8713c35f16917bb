package com.sdragent.imports.command.domain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.events.ImportCampaignLinked;
import com.sdragent.imports.events.ImportCampaignUnlinked;
import com.sdragent.imports.events.ImportCreated;
import com.sdragent.imports.events.ImportDeleted;
import com.sdragent.imports.events.ImportDetailsChanged;
import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportEventType;
import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportStatus;
import com.sdragent.imports.events.ImportStatusChanged;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** A snapshot of another fold than this version's must be of another revision, or it is read. */
class ImportSnapshotTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static final UUID ID = UUID.fromString("019376b2-7d1c-7e5f-9a51-3f0c5d2a9b10");
  private static final UUID ORG = UUID.fromString("123e4567-e89b-12d3-a456-426614174000");
  private static final UUID FIRST = UUID.fromString("8d0f7780-8536-51ef-a948-f18ad2a01bf8");
  private static final UUID SECOND = UUID.fromString("a3a1c7a9-3f0a-4f5c-8f0e-0d6a1f3b2c4d");
  private static final Instant NOON = Instant.parse("2024-10-06T12:00:00.000001Z");

  /** Each event changes all that it can change, to something else than it was. */
  private static final List<ImportEvent> HISTORY =
      List.of(
          new ImportCreated(
              ID, ORG, FIRST, "csv_upload", "CSV Upload", "a.csv", ImportStatus.PENDING, 5, NOON),
          new ImportStatusChanged(
              ID, ORG, ImportStatus.PENDING, ImportStatus.COMPLETED, NOON.plusSeconds(1)),
          new ImportDetailsChanged(ID, ORG, "hubspot", "HubSpot", "b.csv", 7, NOON.plusSeconds(2)),
          new ImportCampaignLinked(ID, ORG, SECOND, NOON.plusSeconds(3)),
          new ImportCampaignUnlinked(ID, ORG, SECOND, NOON.plusSeconds(4)),
          new ImportDeleted(ID, ORG, NOON.plusSeconds(5)));

  @Test
  void no_type_of_event_is_left_out() {
    assertThat(HISTORY).extracting(ImportEventType::of).containsOnly(ImportEventType.values());
  }

  /**
   * The file {@code fold-N.txt} holds what the fold makes of the history above, from revision N of
   * the snapshot on. It is never changed: snapshots of that revision are stored.
   */
  @Test
  void a_fold_that_changed_raises_the_revision_of_the_snapshot() throws Exception {
    int revision = Import.SNAPSHOT.revision();
    assertThat(fold())
        .as(
            "The fold changed, and snapshots of revision %d are of the one before: raise it in"
                + " NextState, and save the new fold as fold-%d.txt",
            revision, revision + 1)
        .isEqualTo(saved(revision));
  }

  private static List<String> fold() {
    var states = new ArrayList<String>();
    ImportState state = ImportState.absent();
    for (ImportEvent event : HISTORY) {
      state = state.next(event);
      states.add(JSON.writeValueAsString(state));
    }
    return states;
  }

  private static List<String> saved(int revision) throws IOException {
    for (int before = revision; before > 0; before--) {
      try (InputStream file =
          ImportSnapshotTest.class.getResourceAsStream("fold-" + before + ".txt")) {
        if (file != null) return new String(file.readAllBytes(), UTF_8).lines().toList();
      }
    }
    throw new AssertionError("No fold is saved");
  }
}
