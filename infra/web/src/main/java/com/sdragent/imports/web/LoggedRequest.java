package com.sdragent.imports.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** What each line of the log says of the request that it is about. */
public final class LoggedRequest {
  private static final String ATTRIBUTE = LoggedRequest.class.getName();
  private static final String ID = "request_id";
  private static final String ORGANIZATION = "organization";
  private static final String KEY = "key";

  private LoggedRequest() {}

  private record CalledBy(String organization, @Nullable String key) {}

  /**
   * Has the lines name the caller from now on.
   *
   * @param key the name of the key, or null for a token: its subject may name a person
   */
  public static void calledBy(HttpServletRequest request, UUID organization, @Nullable String key) {
    var caller = new CalledBy(organization.toString(), key);
    request.setAttribute(ATTRIBUTE, caller);
    put(caller);
  }

  /** Has the lines of this thread name the request, and its caller if it is known. */
  static void begin(HttpServletRequest request, String id) {
    MDC.put(ID, id);
    if (request.getAttribute(ATTRIBUTE) instanceof CalledBy caller) put(caller);
  }

  /** Ends what {@link #begin} began. */
  static void end() {
    MDC.remove(ID);
    MDC.remove(ORGANIZATION);
    MDC.remove(KEY);
  }

  private static void put(CalledBy caller) {
    MDC.put(ORGANIZATION, caller.organization());
    if (caller.key() != null) MDC.put(KEY, caller.key());
  }
}
