package com.sdragent.imports.access;

import jakarta.servlet.http.HttpServletRequest;

/** What was: which requests ask for it is decided here alone, for scopes and handlers alike. */
public final class Past {
  /** The parameter that asks for it. */
  public static final String PARAMETER = "as_of";

  private Past() {}

  /** Whether the request is about a time, given well or not, instead of now. */
  public static boolean isAskedFor(HttpServletRequest request) {
    boolean reads = "GET".equals(request.getMethod()) || "HEAD".equals(request.getMethod());
    return reads && request.getParameter(PARAMETER) != null;
  }
}
