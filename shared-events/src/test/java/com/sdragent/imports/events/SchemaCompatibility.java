package com.sdragent.imports.events;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Whether a schema says the same as when it was approved, but for more properties that may be
 * missing: whoever was written for it reads what is published today, and what was published then is
 * valid today.
 */
final class SchemaCompatibility {
  private SchemaCompatibility() {}

  /** What would break, in words; nothing when all is well. */
  static List<String> breaks(JsonNode approved, JsonNode now) {
    var found = new ArrayList<String>();
    Set<String> required = texts(now.get("required"));
    Set<String> before = texts(approved.get("required"));
    for (String name : before) {
      if (!required.contains(name)) found.add(name + " may be missing now");
    }
    for (String name : required) {
      if (!before.contains(name)) found.add(name + " is missing in old records");
    }
    approved
        .path("properties")
        .forEachEntry(
            (name, property) -> {
              JsonNode after = now.path("properties").get(name);
              if (after == null) found.add(name + " is gone");
              else compare(name, property, after, found);
            });
    return found;
  }

  private static void compare(String name, JsonNode before, JsonNode after, List<String> found) {
    for (String keyword : List.of("type", "enum")) {
      if (!texts(before.get(keyword)).equals(texts(after.get(keyword)))) {
        found.add(name + " has another " + keyword);
      }
    }
    for (String keyword : List.of("format", "pattern", "minimum", "maximum", "const")) {
      if (!Objects.equals(before.get(keyword), after.get(keyword))) {
        found.add(name + " has another " + keyword);
      }
    }
  }

  private static Set<String> texts(@Nullable JsonNode node) {
    var texts = new HashSet<String>();
    if (node == null) return texts;
    if (node.isArray()) node.forEach(one -> texts.add(one.asString()));
    else texts.add(node.asString());
    return texts;
  }
}
