package com.sdragent.imports.command.publication;

/**
 * Going on would publish something wrongly: somebody has to decide. The message says what to do.
 */
class PublicationStoppedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PublicationStoppedException(String message) {
    super(message);
  }
}
