package com.sdragent.imports.command.domain;

import java.util.UUID;
import org.axonframework.common.AxonNonTransientException;

/** The organization has no such import, or no longer has it. */
public class ImportNotFoundException extends AxonNonTransientException {
  private static final long serialVersionUID = 1L;

  ImportNotFoundException(UUID importId) {
    super("Import " + importId + " not found");
  }
}
