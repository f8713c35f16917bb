package com.sdragent.imports.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.swagger.v3.core.util.Yaml31;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.openapitools.openapidiff.core.OpenApiCompare;
import org.openapitools.openapidiff.core.model.ChangedOpenApi;

/**
 * The API's document breaks no client that was written from the approved one. CONTRIBUTING.md says
 * how a document is approved.
 */
class ApprovedDocumentTest {
  private static final String APPROVED = read("/approved/openapi.yaml");

  @Test
  void the_document_breaks_no_client_of_the_approved_one() {
    assertThat(broken(APPROVED, read("/openapi.yaml"))).isEmpty();
  }

  @ParameterizedTest(name = "{0} becomes {1}")
  @MethodSource("breaking")
  void a_change_that_breaks_clients_is_found(String before, String after) {
    assertThat(broken(APPROVED, changed(before, after))).isNotEmpty();
  }

  static Stream<Arguments> breaking() {
    return Stream.of(
        // A field of an answer is gone, of another type, may be absent, or may be null.
        change("        org_id: {type: string, format: uuid}"),
        change(
            "source: {type: string, description: \"Norm",
            "source: {type: integer, description: \"Norm"),
        change(
            "required: [id, org_id, campaign_id, source,", "required: [id, org_id, campaign_id,"),
        change("updated_at: {type: string,", "updated_at: {type: [string, \"null\"],"),
        // A parameter or a field of a request is gone, required, or narrower.
        change("        - {$ref: \"#/components/parameters/Limit\"}"),
        change(
            "Limit: {name: limit, in: query,", "Limit: {name: limit, in: query, required: true,"),
        change("required: [source]", "required: [source, file_name]"),
        change("        status: {$ref: \"#/components/schemas/Status\", default: pending}"),
        change("minLength: 1, maxLength: 1024", "minLength: 1, maxLength: 10"),
        // A status, an operation, a header, a media type or a way in is gone.
        change("        \"404\": {$ref: \"#/components/responses/Error\"}"),
        change("        \"201\":", "        \"200\":"),
        change("    head:", "    trace:"),
        change("            ETag: {$ref: \"#/components/headers/ETag\"}"),
        change("          application/merge-patch+json:", "          application/json:"),
        change("  - bearer: []"));
  }

  @ParameterizedTest(name = "{0} becomes {1}")
  @MethodSource("adding")
  void a_change_that_only_adds_breaks_nobody(String before, String after) {
    assertThat(broken(APPROVED, changed(before, after))).isEmpty();
  }

  static Stream<Arguments> adding() {
    String field = "        org_id: {type: string, format: uuid}";
    String parameter = "        - {$ref: \"#/components/parameters/Limit\"}";
    String status = "        \"413\": {$ref: \"#/components/responses/Error\"}";
    return Stream.of(
        change(field, field, "        colour: {type: string}"),
        change(parameter, parameter, "        - {name: colour, in: query, schema: {type: string}}"),
        change(status, status, "        \"422\": {$ref: \"#/components/responses/Error\"}"),
        change(
            "  /imports/summary:",
            "  /imports/totals: {get: {operationId: totals, responses: {\"200\": {description:"
                + " x}}}}",
            "  /imports/summary:"),
        change("summary: Create an import", "summary: Other words"));
  }

  /** What is there, and the lines in its place. */
  private static Arguments change(String before, String... after) {
    return Arguments.of(before, String.join("\n", after));
  }

  /** The approved document after a change. */
  private static String changed(String before, String after) {
    int at = APPROVED.indexOf(before);
    assertThat(at).as(before).isNotNegative();
    return APPROVED.substring(0, at) + after + APPROVED.substring(at + before.length());
  }

  /** What the second document takes from clients of the first. */
  private static List<String> broken(String approved, String present) {
    var broken = new ArrayList<String>();
    JsonNode before = comparable(approved);
    JsonNode after = comparable(present);
    ChangedOpenApi changes = OpenApiCompare.fromContents(before.toString(), after.toString());
    if (changes.isIncompatible()) {
      changes.getMissingEndpoints().forEach(endpoint -> broken.add("gone: " + endpoint));
      changes.getChangedOperations().stream()
          .filter(operation -> operation.isIncompatible())
          .forEach(
              operation ->
                  broken.add(
                      "changed: " + operation.getHttpMethod() + " " + operation.getPathUrl()));
      if (broken.isEmpty()) broken.add("changed: the document as a whole");
    }
    // The comparison lets fields of requests go, and takes null for no other answer.
    List<String> requests =
        before.findValues("requestBody").stream()
            .flatMap(body -> body.findValuesAsText("$ref").stream())
            .toList();
    for (Map.Entry<String, JsonNode> schema : before.at("/components/schemas").properties()) {
      boolean answered = !requests.contains("#/components/schemas/" + schema.getKey());
      JsonNode now = after.at("/components/schemas").path(schema.getKey()).path("properties");
      for (Map.Entry<String, JsonNode> field : schema.getValue().path("properties").properties()) {
        JsonNode other = now.path(field.getKey());
        if (other.isMissingNode()
            || (answered && other.has("nullable") && !field.getValue().has("nullable"))) {
          broken.add("gone or null: " + schema.getKey() + "." + field.getKey());
        }
      }
    }
    return broken;
  }

  /** In the form of OpenAPI 3.0: the comparison does not see the types of 3.1. */
  private static JsonNode comparable(String document) {
    try {
      JsonNode root = Yaml31.mapper().readTree(document);
      ((ObjectNode) root).put("openapi", "3.0.3");
      typesOfOne(root);
      return root;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void typesOfOne(JsonNode node) {
    if (node instanceof ObjectNode object && object.get("type") instanceof ArrayNode types) {
      for (JsonNode type : types) {
        if (type.asText().equals("null")) object.put("nullable", true);
        else object.set("type", type);
      }
    }
    node.forEach(ApprovedDocumentTest::typesOfOne);
  }

  private static String read(String name) {
    try (InputStream file = ApprovedDocumentTest.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(file).readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
