package com.sdragent.imports.command.domain;

import java.util.UUID;
import org.axonframework.common.AxonNonTransientException;

/** The import's version is none to which the command may be done. Nothing was stored. */
public class OtherVersionException extends AxonNonTransientException {
  private static final long serialVersionUID = 1L;

  OtherVersionException(UUID importId, long sequence) {
    super("Import " + importId + " has the version " + sequence);
  }
}
