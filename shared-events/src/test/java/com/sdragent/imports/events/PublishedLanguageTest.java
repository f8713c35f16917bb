package com.sdragent.imports.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** Every shape ever stored stays readable, and what is written today is the approved text. */
class PublishedLanguageTest {
  private static final ImportEvent CREATED =
      ApprovedRecord.all().stream()
          .filter(record -> record.isOf(ImportEventType.IMPORT_CREATED, 1))
          .findFirst()
          .flatMap(record -> ImportEventType.read("ImportCreated", 1, record.json()))
          .orElseThrow();

  private final JsonMapper json = JsonMapper.builder().build();

  @Test
  void every_event_has_a_type_and_every_type_an_event() {
    var permitted = List.of(ImportEvent.class.getPermittedSubclasses());
    assertThat(Stream.of(ImportEventType.values()).map(ImportEventType::eventClass))
        .containsExactlyInAnyOrderElementsOf(
            permitted.stream()
                .filter(c -> c != UnknownImportEvent.class)
                .<Class<? extends ImportEvent>>map(c -> c.asSubclass(ImportEvent.class))
                .toList());
  }

  @Test
  void logical_names_are_those_of_the_contract() {
    assertThat(Stream.of(ImportEventType.values()).map(ImportEventType::logicalName))
        .containsExactly(
            "ImportCreated",
            "ImportStatusChanged",
            "ImportDetailsChanged",
            "ImportCampaignLinked",
            "ImportCampaignUnlinked",
            "ImportDeleted");
  }

  @ParameterizedTest
  @MethodSource("approved")
  void every_record_ever_approved_is_read_as_an_event_of_today(ApprovedRecord record) {
    ImportEvent event =
        ImportEventType.read(record.logicalName(), record.revision(), record.json()).orElseThrow();
    assertThat(ImportEventType.of(event).logicalName()).isEqualTo(record.logicalName());
    ImportState before = ImportState.absent();
    if (!(event instanceof ImportCreated)) before = before.next(CREATED);
    assertThat(before.next(event)).isNotEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource
  void each_revision_of_an_event_has_an_approved_record(ImportEventType type) {
    assertThat(revisions(type))
        .containsAll(IntStream.rangeClosed(1, type.revision()).boxed().toList());
  }

  @ParameterizedTest
  @EnumSource
  void what_is_written_today_is_an_approved_record(ImportEventType type) {
    assertThat(ApprovedRecord.all())
        .filteredOn(record -> record.isOf(type, type.revision()))
        .anySatisfy(
            record ->
                assertThat(
                        json.writeValueAsString(json.readValue(record.json(), type.eventClass())))
                    .isEqualTo(record.text()));
  }

  @ParameterizedTest
  @EnumSource
  void a_type_is_found_by_its_name_alone(ImportEventType type) {
    assertThat(ImportEventType.named(type.logicalName())).contains(type);
    assertThat(ImportEventType.named(type.eventClass().getName())).isEmpty();
  }

  @Test
  void an_import_in_json_has_exactly_the_nine_fields_of_the_document_in_their_order() {
    assertThat(
            Arrays.stream(ImportState.Active.class.getRecordComponents())
                .map(c -> Objects.requireNonNull(c.getAccessor().getName())))
        .hasSize(9);
    ImportState created =
        ImportState.absent()
            .next(
                json.readValue(
                    "{\"import_id\":\"019376b2-7d1c-7e5f-9a51-3f0c5d2a9b10\",\"org_id\":\"123e4567-e89b-12d3-a456-426614174000\",\"source\":\"s\",\"source_label\":\"S\",\"status\":\"pending\",\"total_rows\":0,\"occurred_at\":\"2024-10-06T12:00:00Z\"}",
                    ImportCreated.class));
    assertThat(json.writeValueAsString(created))
        .isEqualTo(
            "{\"id\":\"019376b2-7d1c-7e5f-9a51-3f0c5d2a9b10\",\"org_id\":\"123e4567-e89b-12d3-a456-426614174000\",\"campaign_id\":null,\"source\":\"s\",\"file_name\":null,\"status\":\"pending\",\"total_rows\":0,\"created_at\":\"2024-10-06T12:00:00Z\",\"updated_at\":\"2024-10-06T12:00:00Z\"}");
  }

  @Test
  void every_status_is_written_and_found_by_its_label() {
    var labels = new HashSet<String>();
    for (ImportStatus status : ImportStatus.values()) {
      labels.add(status.label());
      assertThat(json.writeValueAsString(status)).isEqualTo('"' + status.label() + '"');
      assertThat(ImportStatus.labelled(status.label())).contains(status);
    }
    assertThat(labels).containsExactlyInAnyOrder("pending", "processing", "completed", "failed");
    assertThat(ImportStatus.labelled("PENDING")).isEmpty();
  }

  static List<ApprovedRecord> approved() {
    return ApprovedRecord.all();
  }

  private static Stream<Integer> revisions(ImportEventType type) {
    return approved().stream()
        .filter(record -> record.logicalName().equals(type.logicalName()))
        .map(ApprovedRecord::revision);
  }
}
