package com.sdragent.imports.command.publication.kafka;

/**
 * Going on would publish something wrongly, so somebody has to decide. The message says what to do.
 */
public final class PublicationStoppedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Makes one with a sentence for operators. */
  public PublicationStoppedException(String message) {
    super(message);
  }
}
