package com.sdragent.imports.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Gives every request an id, which is the client's own if that is acceptable, and every response
 * the same id.
 */
public final class RequestId extends HttpFilter {
  private static final long serialVersionUID = 1L;

  static final String HEADER = "X-Request-Id";

  private static final String ATTRIBUTE = RequestId.class.getName();
  private static final int LONGEST = 128;

  /** The id of this request. */
  public static String of(HttpServletRequest request) {
    if (request.getAttribute(ATTRIBUTE) instanceof String id) return id;
    String sent = request.getHeader(HEADER);
    String id = sent != null && isSane(sent) ? sent : generated();
    request.setAttribute(ATTRIBUTE, id);
    return id;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String id = of(request);
    response.setHeader(HEADER, id);
    LoggedRequest.begin(request, id);
    try {
      chain.doFilter(request, response);
    } finally {
      LoggedRequest.end();
    }
  }

  /** A UUID of version 4, though not from a source of secrets: nothing trusts it. */
  private static String generated() {
    var random = ThreadLocalRandom.current();
    long high = (random.nextLong() & ~0xF000L) | 0x4000L;
    long low = (random.nextLong() >>> 2) | Long.MIN_VALUE;
    return new UUID(high, low).toString();
  }

  private static boolean isSane(String id) {
    return !id.isEmpty()
        && id.length() <= LONGEST
        && id.chars().allMatch(c -> c >= ' ' && c < 0x7f);
  }
}
