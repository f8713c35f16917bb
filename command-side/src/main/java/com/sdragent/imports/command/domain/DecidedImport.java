package com.sdragent.imports.command.domain;

import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.eventstore.LastEvent;

/** An import after a command. */
public record DecidedImport(Active state, LastEvent last) {
  /** The number of its last event, which is its version. */
  public long sequence() {
    return last.sequenceNumber();
  }
}
