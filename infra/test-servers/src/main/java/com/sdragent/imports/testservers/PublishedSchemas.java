package com.sdragent.imports.testservers;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.sdragent.imports.events.ImportEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** Checks records against the JSON Schemas that consumers build on. */
final class PublishedSchemas {
  private static final String TYPES = "com.sdragent.imports.";
  private static final List<String> ATTRIBUTES =
      List.of(
          "ce_specversion",
          "ce_id",
          "ce_type",
          "ce_source",
          "ce_subject",
          "ce_time",
          "ce_organization",
          "ce_importsequence",
          "ce_position",
          "content-type");
  private static final Map<String, Schema> SCHEMAS = new ConcurrentHashMap<>();

  private PublishedSchemas() {}

  /**
   * @throws AssertionError when the record is not as its schema says
   */
  static void assertValid(ConsumerRecord<String, byte[]> record) {
    for (String attribute : ATTRIBUTES) header(record, attribute);
    if (!header(record, "ce_subject").equals(record.key())) {
      throw new AssertionError("The key is not the subject: " + record);
    }
    // A tombstone has no value.
    if (record.value() == null) return;
    String value = new String(record.value(), UTF_8);
    var errors =
        SCHEMAS
            .computeIfAbsent(header(record, "ce_type"), PublishedSchemas::schema)
            .validate(
                value,
                InputFormat.JSON,
                context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)));
    if (!errors.isEmpty()) throw new AssertionError(errors + " in " + value);
  }

  private static Schema schema(String type) {
    if (!type.startsWith(TYPES)) throw new AssertionError("An unknown type: " + type);
    String name = "schemas/" + type.substring(TYPES.length()) + ".json";
    try (InputStream file = ImportEvent.class.getResourceAsStream(name)) {
      if (file == null) throw new AssertionError("No schema " + name);
      return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String header(ConsumerRecord<?, ?> record, String name) {
    Header header = record.headers().lastHeader(name);
    if (header == null) throw new AssertionError("No header " + name + ": " + record);
    return new String(header.value(), UTF_8);
  }
}
