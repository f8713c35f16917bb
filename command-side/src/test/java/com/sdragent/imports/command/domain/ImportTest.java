package com.sdragent.imports.command.domain;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.events.ImportCampaignLinked;
import com.sdragent.imports.events.ImportCampaignUnlinked;
import com.sdragent.imports.events.ImportCreated;
import com.sdragent.imports.events.ImportDeleted;
import com.sdragent.imports.events.ImportDetailsChanged;
import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.events.ImportStatus;
import com.sdragent.imports.events.ImportStatusChanged;
import com.sdragent.imports.eventstore.LastEvent;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.axonframework.eventsourcing.eventstore.EventStoreException;
import org.axonframework.modelling.command.AggregateNotFoundException;
import org.axonframework.test.aggregate.AggregateTestFixture;
import org.axonframework.test.aggregate.FixtureConfiguration;
import org.axonframework.test.matchers.Matchers;
import org.hamcrest.Matcher;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class ImportTest {
  private static final UUID ID = UUID.fromString("019376b2-7d1c-7e5f-9a51-3f0c5d2a9b10");
  private static final UUID ORG = UUID.fromString("123e4567-e89b-12d3-a456-426614174000");
  private static final UUID OTHER_ORG = UUID.fromString("223e4567-e89b-12d3-a456-426614174000");
  private static final UUID CAMPAIGN = UUID.fromString("8d0f7780-8536-51ef-a948-f18ad2a01bf8");
  private static final UUID OTHER_CAMPAIGN =
      UUID.fromString("9d0f7780-8536-51ef-a948-f18ad2a01bf8");
  private static final Instant NOON = Instant.parse("2024-10-06T12:00:00Z");
  private static final Instant LATER = NOON.plusSeconds(60);
  private static final VersionCondition ANY = _ -> true;

  private static final ImportCreated CREATED =
      new ImportCreated(
          ID, ORG, null, "csv_upload", "CSV Upload", "a.csv", ImportStatus.PENDING, 5, NOON);
  private static final ImportDeleted DELETED = new ImportDeleted(ID, ORG, LATER);

  private FixtureConfiguration<Import> fixture = fresh();

  @BeforeEach
  void newFixture() {
    fixture = fresh();
  }

  private static FixtureConfiguration<Import> fresh() {
    return new AggregateTestFixture<>(Import.class)
        .registerCommandTargetResolver(ImportCommand.TARGET);
  }

  /** What was decided names the import's last event, whose id is another one each time. */
  private Matcher<DecidedImport> decided(Active state, long sequence) {
    return Matchers.predicate(
        decided -> {
          UUID last =
              fixture
                  .getEventStore()
                  .readEvents(ID.toString())
                  .asStream()
                  .reduce((_, later) -> later)
                  .map(event -> UUID.fromString(event.getIdentifier()))
                  .orElseThrow();
          return decided.equals(new DecidedImport(state, new LastEvent(sequence, last)));
        });
  }

  @Nested
  class Creating {
    @Test
    void an_absent_import_creates_it_with_the_source_normalized_and_as_sent() {
      fixture
          .givenNoPriorActivity()
          .when(create(NOON))
          .expectSuccessfulHandlerExecution()
          .expectEvents(CREATED)
          .expectResultMessagePayloadMatching(
              decided((Active) ImportState.absent().next(CREATED), 0));
    }

    @Test
    void happens_at_the_command_s_time_in_whole_microseconds() {
      fixture.givenNoPriorActivity().when(create(NOON.plusNanos(999))).expectEvents(CREATED);
    }

    @Test
    void an_active_import_is_refused() {
      fixture.given(CREATED).when(create(LATER)).expectException(EventStoreException.class);
    }

    @Test
    void a_deleted_import_is_refused_so_that_no_id_is_used_again() {
      fixture
          .given(CREATED, DELETED)
          .when(create(LATER))
          .expectException(EventStoreException.class);
    }

    private CreateImport create(Instant at) {
      return new CreateImport(
          ID, ORG, null, SourceLabel.of("CSV Upload"), "a.csv", ImportStatus.PENDING, 5, at);
    }
  }

  @Nested
  class Updating {
    @Test
    void an_absent_import_finds_nothing() {
      fixture
          .givenNoPriorActivity()
          .when(status(ImportStatus.FAILED))
          .expectException(AggregateNotFoundException.class);
    }

    @Test
    void a_deleted_import_finds_nothing() {
      fixture
          .given(CREATED, DELETED)
          .when(status(ImportStatus.FAILED))
          .expectException(ImportNotFoundException.class)
          .expectNoEvents();
    }

    @Test
    void another_organization_s_import_finds_nothing() {
      fixture
          .given(CREATED)
          .when(
              new UpdateImport(
                  ID,
                  OTHER_ORG,
                  FieldUpdate.keep(),
                  null,
                  FieldUpdate.keep(),
                  null,
                  7L,
                  LATER,
                  ANY))
          .expectException(ImportNotFoundException.class)
          .expectNoEvents();
    }

    @Test
    void the_status_changes_it() {
      fixture
          .given(CREATED)
          .when(status(ImportStatus.COMPLETED))
          .expectEvents(
              new ImportStatusChanged(ID, ORG, ImportStatus.PENDING, ImportStatus.COMPLETED, LATER))
          .expectResultMessagePayloadMatching(
              decided(active("csv_upload", "a.csv", 5, null, ImportStatus.COMPLETED), 1));
    }

    @Test
    void every_status_may_follow_every_other() {
      for (ImportStatus from : ImportStatus.values()) {
        for (ImportStatus to : ImportStatus.values()) {
          var created = new ImportCreated(ID, ORG, null, "s", "s", null, from, 0, NOON);
          var result = fresh().given(created).when(status(to)).expectSuccessfulHandlerExecution();
          if (from == to) {
            result.expectNoEvents();
          } else {
            result.expectEvents(new ImportStatusChanged(ID, ORG, from, to, LATER));
          }
        }
      }
    }

    @Test
    void source_file_name_and_rows_are_one_change_of_details() {
      fixture
          .given(CREATED)
          .when(details(SourceLabel.of("Web Hook"), FieldUpdate.to("b.csv"), 9L))
          .expectEvents(
              new ImportDetailsChanged(ID, ORG, "web_hook", "Web Hook", "b.csv", 9, LATER));
    }

    @Test
    void a_file_name_that_is_null_clears_it() {
      fixture
          .given(CREATED)
          .when(details(null, FieldUpdate.to(null), null))
          .expectEvents(new ImportDetailsChanged(ID, ORG, "csv_upload", null, null, 5, LATER));
    }

    @Test
    void a_source_that_reads_differently_but_is_the_same_changes_nothing() {
      fixture
          .given(CREATED)
          .when(details(SourceLabel.of(" csv - UPLOAD "), FieldUpdate.keep(), null))
          .expectNoEvents()
          .expectResultMessagePayloadMatching(
              decided((Active) ImportState.absent().next(CREATED), 0));
    }

    @Test
    void a_campaign_is_linked() {
      fixture
          .given(CREATED)
          .when(campaign(CAMPAIGN))
          .expectEvents(new ImportCampaignLinked(ID, ORG, CAMPAIGN, LATER));
    }

    @Test
    void another_campaign_takes_the_place_of_the_first() {
      fixture
          .given(CREATED, new ImportCampaignLinked(ID, ORG, CAMPAIGN, NOON.plusSeconds(1)))
          .when(campaign(OTHER_CAMPAIGN))
          .expectEvents(new ImportCampaignLinked(ID, ORG, OTHER_CAMPAIGN, LATER));
    }

    @Test
    void a_campaign_that_is_null_unlinks() {
      fixture
          .given(CREATED, new ImportCampaignLinked(ID, ORG, CAMPAIGN, NOON.plusSeconds(1)))
          .when(campaign(null))
          .expectEvents(new ImportCampaignUnlinked(ID, ORG, CAMPAIGN, LATER));
    }

    @Test
    void unlinking_what_is_linked_to_nothing_changes_nothing() {
      fixture.given(CREATED).when(campaign(null)).expectNoEvents();
    }

    @Test
    void nothing_records_nothing_and_leaves_the_time_alone() {
      fixture
          .given(CREATED)
          .when(details(null, FieldUpdate.keep(), null))
          .expectNoEvents()
          .expectResultMessagePayloadMatching(
              decided((Active) ImportState.absent().next(CREATED), 0));
    }

    @Test
    void everything_is_recorded_together_at_one_time() {
      fixture
          .given(CREATED)
          .when(
              new UpdateImport(
                  ID,
                  ORG,
                  FieldUpdate.to(CAMPAIGN),
                  null,
                  FieldUpdate.keep(),
                  ImportStatus.PROCESSING,
                  1250L,
                  LATER,
                  ANY))
          .expectEvents(
              new ImportDetailsChanged(ID, ORG, "csv_upload", null, "a.csv", 1250, LATER),
              new ImportCampaignLinked(ID, ORG, CAMPAIGN, LATER),
              new ImportStatusChanged(
                  ID, ORG, ImportStatus.PENDING, ImportStatus.PROCESSING, LATER))
          .expectResultMessagePayloadMatching(
              decided(active("csv_upload", "a.csv", 1250, CAMPAIGN, ImportStatus.PROCESSING), 3));
    }

    @Test
    void a_clock_that_went_back_still_moves_the_import_s_time_on() {
      fixture
          .given(CREATED)
          .when(
              new UpdateImport(
                  ID,
                  ORG,
                  FieldUpdate.keep(),
                  null,
                  FieldUpdate.keep(),
                  ImportStatus.FAILED,
                  null,
                  NOON.minusSeconds(5),
                  ANY))
          .expectEvents(
              new ImportStatusChanged(
                  ID, ORG, ImportStatus.PENDING, ImportStatus.FAILED, NOON.plusNanos(1000)));
    }

    @Test
    void a_version_that_was_not_wanted_is_refused_even_when_nothing_would_change() {
      for (String fileName : List.of("a.csv", "b.csv")) {
        newFixture();
        fixture
            .given(CREATED)
            .when(
                new UpdateImport(
                    ID,
                    ORG,
                    FieldUpdate.keep(),
                    null,
                    FieldUpdate.to(fileName),
                    null,
                    null,
                    LATER,
                    sequence -> sequence == 1))
            .expectException(OtherVersionException.class)
            .expectNoEvents();
      }
    }

    @Test
    void another_organization_s_import_finds_nothing_whatever_version_was_wanted() {
      fixture
          .given(CREATED)
          .when(
              new UpdateImport(
                  ID,
                  OTHER_ORG,
                  FieldUpdate.keep(),
                  null,
                  FieldUpdate.keep(),
                  null,
                  7L,
                  LATER,
                  _ -> false))
          .expectException(ImportNotFoundException.class);
    }

    private UpdateImport details(
        @Nullable SourceLabel source, FieldUpdate<String> fileName, @Nullable Long rows) {
      return new UpdateImport(
          ID, ORG, FieldUpdate.keep(), source, fileName, null, rows, LATER, ANY);
    }

    private UpdateImport status(ImportStatus status) {
      return new UpdateImport(
          ID, ORG, FieldUpdate.keep(), null, FieldUpdate.keep(), status, null, LATER, ANY);
    }

    private UpdateImport campaign(@Nullable UUID campaign) {
      return new UpdateImport(
          ID, ORG, FieldUpdate.to(campaign), null, FieldUpdate.keep(), null, null, LATER, ANY);
    }

    private Active active(
        String source, String file, long rows, @Nullable UUID campaign, ImportStatus status) {
      return new Active(ID, ORG, campaign, source, file, status, rows, NOON, LATER);
    }
  }

  @Nested
  class Deleting {
    @Test
    void an_absent_import_finds_nothing() {
      fixture
          .givenNoPriorActivity()
          .when(new DeleteImport(ID, ORG, LATER, ANY))
          .expectException(AggregateNotFoundException.class);
    }

    @Test
    void an_active_import_deletes_it() {
      fixture.given(CREATED).when(new DeleteImport(ID, ORG, LATER, ANY)).expectEvents(DELETED);
    }

    @Test
    void a_deleted_import_finds_nothing() {
      fixture
          .given(CREATED, DELETED)
          .when(new DeleteImport(ID, ORG, LATER, ANY))
          .expectException(ImportNotFoundException.class)
          .expectNoEvents();
    }

    @Test
    void another_organization_s_import_finds_nothing() {
      fixture
          .given(CREATED)
          .when(new DeleteImport(ID, OTHER_ORG, LATER, ANY))
          .expectException(ImportNotFoundException.class)
          .expectNoEvents();
    }
  }

  @Nested
  class Deleting_a_version {
    private final ImportStatusChanged changed =
        new ImportStatusChanged(
            ID, ORG, ImportStatus.PENDING, ImportStatus.FAILED, NOON.plusSeconds(1));

    @Test
    void deletes_it_when_it_is_the_last() {
      fixture
          .given(CREATED, changed)
          .when(new DeleteImport(ID, ORG, LATER, sequence -> sequence == 1))
          .expectEvents(DELETED);
    }

    @Test
    void is_refused_when_another_followed() {
      fixture
          .given(CREATED, changed)
          .when(new DeleteImport(ID, ORG, LATER, sequence -> sequence == 0))
          .expectException(OtherVersionException.class)
          .expectNoEvents();
    }
  }

  @Nested
  class A_snapshot {
    private final JsonMapper json = JsonMapper.builder().build();

    @Test
    void of_an_active_and_of_a_deleted_import_restores_what_it_was() {
      for (var events : List.of(List.of(CREATED), List.of(CREATED, DELETED))) {
        var original = new Import();
        events.forEach(event -> original.on(event, UUID.randomUUID().toString()));
        Import restored = json.readValue(json.writeValueAsString(original), Import.class);
        assertThat(restored).usingRecursiveComparison().isEqualTo(original);
      }
    }
  }
}
