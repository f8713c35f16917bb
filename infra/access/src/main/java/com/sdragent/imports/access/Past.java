package com.sdragent.imports.access;

import jakarta.servlet.http.HttpServletRequest;

/** The past. Only this class decides which requests ask for it, for scopes and handlers alike. */
public final class Past {
  /** The parameter that asks for the past. */
  public static final String PARAMETER = "as_of";

  private Past() {}

  /** Whether the request is about a given time, valid or not, instead of now. */
  public static boolean isAskedFor(HttpServletRequest request) {
    boolean reads = "GET".equals(request.getMethod()) || "HEAD".equals(request.getMethod());
    return reads && request.getParameter(PARAMETER) != null;
  }
}
