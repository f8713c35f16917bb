package com.sdragent.imports.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The documents that consumers build on: true, complete, and never less than was approved. */
class SchemasTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  static Stream<String> names() {
    return Stream.concat(
        Stream.of(ImportEventType.values()).map(SchemasTest::name), Stream.of("ImportState.v1"));
  }

  @ParameterizedTest
  @EnumSource
  void each_event_is_as_its_schema_says(ImportEventType type) {
    Schema schema = schema(read("schemas/" + name(type) + ".json"));
    JsonNode event = read("corpus/" + type.logicalName() + "." + type.revision() + ".json");
    assertThat(schema.validate(event)).isEmpty();
    for (String property : event.propertyNames()) {
      ObjectNode without = event.deepCopy().asObject();
      without.remove(property);
      assertThat(schema.validate(without)).as("without %s", property).isNotEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void the_asyncapi_document_holds_the_same_schema(String name) throws IOException {
    ObjectNode file = read("schemas/" + name + ".json").asObject();
    file.remove(List.of("$schema", "$id"));
    JsonNode document = asyncApi();
    String title = name.substring(0, name.indexOf('.'));
    assertThat(document.at("/components/schemas/" + title)).isEqualTo(file);
    assertThat(document.at("/components/messages/" + title + "/name").stringValue())
        .isEqualTo("com.sdragent.imports." + name);
  }

  @Test
  void every_reference_of_the_asyncapi_document_leads_somewhere() throws IOException {
    JsonNode document = asyncApi();
    List<String> references = document.findValuesAsString("$ref");
    assertThat(references).isNotEmpty();
    for (String reference : references) {
      assertThat(document.at(reference.substring(1)).isMissingNode()).as(reference).isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource("approved")
  void no_approved_schema_is_gone_or_breaks_its_consumers(String name) {
    assertThat(
            SchemaCompatibility.breaks(read("approved-schemas/" + name), read("schemas/" + name)))
        .isEmpty();
  }

  static Stream<String> approved() {
    return ApprovedRecord.files("approved-schemas").stream()
        .map(file -> file.getFileName().toString());
  }

  @Test
  void every_schema_that_is_published_is_approved() {
    assertThat(ApprovedRecord.files("schemas"))
        .extracting(file -> file.getFileName().toString())
        .containsExactlyElementsOf(approved().toList());
  }

  @ParameterizedTest
  @MethodSource("records")
  void every_record_ever_approved_is_valid_by_the_schema_of_its_revision(ApprovedRecord record) {
    assertThat(
            schema(read("schemas/" + record.name() + ".json"))
                .validate(JSON.readTree(record.json())))
        .isEmpty();
  }

  /** As the newest revision, and as the one before while the newest is new. */
  @ParameterizedTest
  @EnumSource
  void what_is_written_is_valid_by_the_schema_of_its_revision(ImportEventType type) {
    EventRevisions revisions = EventRevisions.published();
    for (ApprovedRecord record : records()) {
      if (!record.logicalName().equals(type.logicalName())) continue;
      ImportEvent event =
          ImportEventType.read(type.logicalName(), record.revision(), record.json()).orElseThrow();
      for (int revision = revisions.readByAll(type);
          revision <= revisions.newest(type);
          revision++) {
        assertThat(
                schema(read("schemas/" + type.logicalName() + ".v" + revision + ".json"))
                    .validate(JSON.readTree(revisions.write(event, revision))))
            .isEmpty();
      }
    }
  }

  static List<ApprovedRecord> records() {
    return ApprovedRecord.all();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"properties\":{}}",
        "{\"required\":[]}",
        "{\"required\":[\"a\",\"b\"]}",
        "{\"properties\":{\"a\":{\"type\":\"string\",\"format\":\"uuid\",\"enum\":[\"x\"]}}}",
        "{\"properties\":{\"a\":{\"type\":\"string\",\"format\":\"uuid\",\"enum\":[\"x\",\"y\"],\"minimum\":1}}}",
        "{\"properties\":{\"a\":{\"type\":\"integer\"}}}",
        "{\"properties\":{\"a\":{\"type\":[\"string\",\"null\"]}}}",
        "{\"properties\":{\"a\":{\"type\":\"string\",\"enum\":[\"x\",\"y\",\"z\"]}}}",
        "{\"properties\":{\"a\":{\"type\":\"string\"}}}"
      })
  void a_change_that_would_break_a_consumer_or_an_old_record_is_found(String change) {
    String approved =
        """
        {"type":"object","required":["a"],
         "properties":{"a":{"type":"string","format":"uuid","enum":["x","y"]}}}
        """;
    ObjectNode changed = JSON.readTree(approved).asObject();
    JSON.readTree(change).forEachEntry(changed::set);
    assertThat(SchemaCompatibility.breaks(JSON.readTree(approved), changed)).isNotEmpty();
  }

  @Test
  void a_property_more_that_may_be_missing_breaks_nobody() {
    JsonNode approved = read("schemas/ImportDeleted.v1.json");
    ObjectNode more = approved.deepCopy().asObject();
    more.withObject("/properties/reason").put("type", "string");
    assertThat(SchemaCompatibility.breaks(approved, more)).isEmpty();
  }

  private static String name(ImportEventType type) {
    return type.logicalName() + ".v" + type.revision();
  }

  private static Schema schema(JsonNode node) {
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(node);
  }

  private static JsonNode read(String resource) {
    try (InputStream file = ImportEvent.class.getResourceAsStream(resource)) {
      assertThat(file).as(resource).isNotNull();
      return JSON.readTree(Objects.requireNonNull(file));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static JsonNode asyncApi() throws IOException {
    try (InputStream file = ImportEvent.class.getResourceAsStream("/asyncapi.yaml")) {
      return new YAMLMapper().readTree(Objects.requireNonNull(file));
    }
  }
}
