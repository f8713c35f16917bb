package com.sdragent.imports.eventstore;

import com.sdragent.imports.eventstore.sessions.CannotStartException;

/** The database was migrated with other scripts than those of this version. */
final class UnknownSchemaException extends CannotStartException {
  private static final long serialVersionUID = 1L;

  UnknownSchemaException() {
    super(
        "The schema of the database was made by a version that this one does not upgrade: use an"
            + " empty database, or an empty imports.standalone.data-directory if the service brings"
            + " its own servers");
  }
}
