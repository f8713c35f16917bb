package com.sdragent.imports.eventstore;

import com.sdragent.imports.events.EventRevisions;
import com.sdragent.imports.events.ImportEventType;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Which revision of an event is written. Without a setting, it is the newest one that nodes of the
 * previous version read too, so that both versions can run side by side.
 *
 * @param writtenRevisions the revision that an event, by its logical name, is written as from now
 *     on; set it once no node of the previous version runs
 */
@ConfigurationProperties("imports.events")
public record EventRevisionProperties(@Nullable Map<String, Integer> writtenRevisions) {
  private static final String SETTING = "imports.events.written-revisions";

  /** Nothing is set. */
  static final EventRevisionProperties DEFAULTS = new EventRevisionProperties(null);

  /**
   * The revision that each event is written as.
   *
   * @throws IllegalArgumentException when this version knows no such event or revision
   */
  Map<ImportEventType, Integer> written(EventRevisions revisions) {
    var written = new EnumMap<ImportEventType, Integer>(ImportEventType.class);
    for (ImportEventType type : ImportEventType.values()) {
      written.put(type, revisions.readByAll(type));
    }
    if (writtenRevisions == null) return written;
    writtenRevisions.forEach(
        (name, revision) -> {
          ImportEventType type = type(name);
          int newest = revisions.newest(type);
          if (revision < 1 || revision > newest) {
            throw new IllegalArgumentException(
                "%s.%s is %s, and this version knows the revisions 1 to %s: set it to one of them, or remove it"
                    .formatted(SETTING, type.logicalName(), revision, newest));
          }
          // A revision that was set for an earlier version has no effect in later ones.
          written.merge(type, revision, Math::max);
        });
    return written;
  }

  /** An environment variable does not keep the capitals of a name. */
  private static ImportEventType type(String name) {
    return Arrays.stream(ImportEventType.values())
        .filter(type -> type.logicalName().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s.%s is no event: use one of %s"
                        .formatted(
                            SETTING,
                            name,
                            Arrays.stream(ImportEventType.values())
                                .map(ImportEventType::logicalName)
                                .collect(Collectors.joining(", ")))));
  }
}
