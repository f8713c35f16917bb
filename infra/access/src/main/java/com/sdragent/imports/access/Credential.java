package com.sdragent.imports.access;

import jakarta.servlet.http.HttpServletRequest;

/**
 * The credential that let a request in, for long answers: it may be revoked or expire meanwhile.
 */
public interface Credential {

  /**
   * Whether the credential would still let the same caller in. A revoked key holds for as long as
   * it is believed, and so does any key while the database cannot be asked.
   */
  boolean holds();

  /** The credential of this request; a request without one has nothing to lose. */
  static Credential of(HttpServletRequest request) {
    Object shown = request.getAttribute(Credential.class.getName());
    return shown instanceof Credential credential ? credential : () -> true;
  }
}
