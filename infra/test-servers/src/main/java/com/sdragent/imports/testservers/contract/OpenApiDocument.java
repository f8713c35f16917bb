package com.sdragent.imports.testservers.contract;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialects;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.StringNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The API's document, and values held against its schemas. */
final class OpenApiDocument {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Pattern INTEGER = Pattern.compile("-?(0|[1-9][0-9]*)");
  private static final String ADDRESS = "https://imports.invalid/openapi.json";

  private final JsonNode root;
  private final SchemaRegistry schemas;
  private final Map<JsonNode, Schema> loaded = new ConcurrentHashMap<>();

  /** Reads it where the service has it. */
  OpenApiDocument() {
    try (InputStream file = OpenApiDocument.class.getResourceAsStream("/openapi.yaml")) {
      root = new YAMLMapper().readTree(Objects.requireNonNull(file, "No openapi.yaml"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    schemas =
        SchemaRegistry.withDialect(
            Dialects.getOpenApi31(),
            registry ->
                registry
                    .schemas(Map.of(ADDRESS, root.toString()))
                    .schemaRegistryConfig(
                        SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));
  }

  JsonNode root() {
    return root;
  }

  /** The node itself, or what it refers to. */
  JsonNode resolved(JsonNode node) {
    JsonNode reference = node.path("$ref");
    return reference.isString() ? root.at(reference.stringValue().substring(1)) : node;
  }

  /** What of this JSON is not as the schema says. */
  List<Error> errors(JsonNode schema, JsonNode value) {
    return loaded.computeIfAbsent(schema, this::load).validate(value);
  }

  /** What of the text of a parameter or header is not as the schema says. */
  List<Error> errors(JsonNode schema, String text) {
    boolean number = resolved(schema).path("type").toString().contains("integer");
    boolean isNumber = number && INTEGER.matcher(text).matches();
    return errors(schema, isNumber ? JSON.readTree(text) : StringNode.valueOf(text));
  }

  private Schema load(JsonNode schema) {
    String everywhere = schema.toString().replace("\"$ref\":\"#", "\"$ref\":\"" + ADDRESS + "#");
    return schemas.getSchema(JSON.readTree(everywhere));
  }
}
