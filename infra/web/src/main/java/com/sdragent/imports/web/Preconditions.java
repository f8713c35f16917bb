package com.sdragent.imports.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The versions of what is asked for under which a request wants to be done: {@code If-Match} and
 * {@code If-None-Match}. There are no conditions on times, since no answer has {@code
 * Last-Modified}.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2">RFC 9110, section 13.2.2</a>
 */
public final class Preconditions {
  private static final String ENTITY_TAG = "ETag";
  private static final String MATCH = "If-Match";
  private static final String NONE_MATCH = "If-None-Match";
  private static final Preconditions NONE = new Preconditions(null, null);
  private static final int NOT_MODIFIED = 304;

  /** What Spring Security gives to any answer but a 304, which has to have it too (15.4.5). */
  private static final Map<String, String> NOT_STORED =
      Map.of(
          "Cache-Control",
          "no-cache, no-store, max-age=0, must-revalidate",
          "Pragma",
          "no-cache",
          "Expires",
          "0");

  private final @Nullable EntityTags match;
  private final @Nullable EntityTags noneMatch;

  private Preconditions(@Nullable EntityTags match, @Nullable EntityTags noneMatch) {
    this.match = match;
    this.noneMatch = noneMatch;
  }

  /**
   * The conditions of this request.
   *
   * @throws ApiError 400 that names the header, when one cannot be read
   */
  public static Preconditions of(HttpServletRequest request) {
    EntityTags match = EntityTags.of(request, MATCH);
    EntityTags noneMatch = EntityTags.of(request, NONE_MATCH);
    return match == null && noneMatch == null ? NONE : new Preconditions(match, noneMatch);
  }

  /** Tells the client the version of what it gets. */
  public static void tell(HttpServletResponse response, long version) {
    response.setHeader(ENTITY_TAG, tag(version));
  }

  /** The entity tag of a version. */
  public static String tag(long version) {
    return "\"" + version + "\"";
  }

  /** Whether what has this version may be changed. */
  public boolean allowChange(long version) {
    return (match == null || match.matchStrongly(version))
        && (noneMatch == null || !noneMatch.matchWeakly(version));
  }

  /**
   * Tells the client the version that was read, and that it has not changed if the client has it.
   *
   * @return whether the client needs the body
   * @throws ApiError 412, when the client asks for another version
   */
  public boolean tellRead(HttpServletResponse response, long version) {
    if (match != null && !match.matchStrongly(version)) throw ApiError.otherVersion();
    tell(response, version);
    if (noneMatch == null || !noneMatch.matchWeakly(version)) return true;
    NOT_STORED.forEach(response::setHeader);
    response.setStatus(NOT_MODIFIED);
    return false;
  }
}
