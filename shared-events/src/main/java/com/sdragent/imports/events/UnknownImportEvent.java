package com.sdragent.imports.events;

import java.time.Instant;
import java.util.UUID;

/**
 * An event of a type or revision that is newer than this version of the published language. Only
 * consumers meet one: it is never stored. Nothing tells what it changed, so no {@link ImportState}
 * follows from it.
 *
 * @param type its CloudEvents type, such as {@code com.sdragent.imports.ImportMerged.v1}
 * @param json the event as it was published
 */
public record UnknownImportEvent(
    String type, UUID importId, UUID orgId, Instant occurredAt, String json)
    implements ImportEvent {
  @Override
  public <R> R accept(Visitor<R> visitor) {
    return visitor.unknown(this);
  }
}
