package com.sdragent.imports.events;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Whether everything that a new schema allows is also allowed by an approved one, so that who was
 * written for that can read it. More properties are no break: consumers ignore those.
 */
final class SchemaCompatibility {
  private SchemaCompatibility() {}

  /** What would break, in words; nothing when all is well. */
  static List<String> breaks(JsonNode approved, JsonNode now) {
    var found = new ArrayList<String>();
    Set<String> required = texts(now.get("required"));
    for (String name : texts(approved.get("required"))) {
      if (!required.contains(name)) found.add(name + " may be missing now");
    }
    approved
        .path("properties")
        .forEachEntry(
            (name, before) -> {
              JsonNode after = now.path("properties").get(name);
              if (after == null) found.add(name + " is gone");
              else compare(name, before, after, found);
            });
    return found;
  }

  private static void compare(String name, JsonNode before, JsonNode after, List<String> found) {
    if (!texts(before.get("type")).containsAll(texts(after.get("type")))) {
      found.add(name + " has another type");
    }
    if (before.has("enum")
        && !(after.has("enum")
            && texts(before.get("enum")).containsAll(texts(after.get("enum"))))) {
      found.add(name + " has more values");
    }
    for (String keyword : List.of("format", "pattern", "minimum", "maximum", "const")) {
      JsonNode limit = before.get(keyword);
      if (limit != null && !limit.equals(after.get(keyword))) {
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
