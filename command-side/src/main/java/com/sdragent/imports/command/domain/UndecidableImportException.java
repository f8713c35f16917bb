package com.sdragent.imports.command.domain;

import org.axonframework.common.AxonNonTransientException;
import org.axonframework.serialization.SerializedType;

/**
 * The import has an event that a later version stored, so this version cannot decide on the import.
 */
public class UndecidableImportException extends AxonNonTransientException {
  private static final long serialVersionUID = 1L;

  UndecidableImportException(SerializedType type) {
    super(
        "This version does not know the event type %s, revision %s: upgrade this node"
            .formatted(type.getName(), type.getRevision()));
  }
}
