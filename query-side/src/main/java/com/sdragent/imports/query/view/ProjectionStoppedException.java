package com.sdragent.imports.query.view;

/**
 * Going on would make the read model wrong: somebody has to decide. The message says what to do.
 */
class ProjectionStoppedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ProjectionStoppedException(String message) {
    super(message);
  }
}
