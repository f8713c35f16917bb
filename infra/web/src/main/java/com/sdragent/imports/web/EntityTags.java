package com.sdragent.imports.web;

import com.sdragent.imports.web.ApiError.FieldError;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The entity tags in one header of a request. Spring's own reader passes over what it cannot read,
 * so that a client would not learn that its condition was none.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3">RFC 9110, section 8.8.3</a>
 */
final class EntityTags {
  private static final EntityTags ANY = new EntityTags(List.of());

  private final List<Tag> tags;

  private EntityTags(List<Tag> tags) {
    this.tags = tags;
  }

  private record Tag(String opaque, boolean isWeak) {}

  /**
   * The tags that this header names, in however many lines; null when the request has none.
   *
   * @throws ApiError 400 that names the header, when it cannot be read or names no tag
   */
  static @Nullable EntityTags of(HttpServletRequest request, String header) {
    if (request.getHeader(header) == null) return null;
    String value = String.join(",", Collections.list(request.getHeaders(header))).strip();
    if (value.equals("*")) return ANY;
    List<Tag> tags = read(value);
    if (!tags.isEmpty()) return new EntityTags(tags);
    throw ApiError.validation(
        List.of(new FieldError(header, "must be * or entity tags in quotes, separated by commas")));
  }

  /** Whether this version is named by a strong tag. */
  boolean matchStrongly(long version) {
    return match(version, false);
  }

  /** Whether this version is named by any tag. */
  boolean matchWeakly(long version) {
    return match(version, true);
  }

  private boolean match(long version, boolean weakly) {
    String opaque = Long.toString(version);
    return this == ANY
        || tags.stream().anyMatch(tag -> (weakly || !tag.isWeak) && tag.opaque.equals(opaque));
  }

  /** The tags of a list, whose elements may be empty (section 5.6.1.2); none when it is no list. */
  private static List<Tag> read(String value) {
    var tags = new ArrayList<Tag>();
    boolean mayBegin = true;
    int at = 0;
    while (at < value.length()) {
      char c = value.charAt(at);
      if (c == ',') mayBegin = true;
      if (c == ',' || c == ' ' || c == '\t') {
        at++;
        continue;
      }
      boolean isWeak = value.startsWith("W/", at);
      int open = isWeak ? at + 2 : at;
      int close = close(value, open);
      if (!mayBegin || close < 0) return List.of();
      tags.add(new Tag(value.substring(open + 1, close), isWeak));
      mayBegin = false;
      at = close + 1;
    }
    return tags;
  }

  /** Where the quotes close that should open here; -1 when they do not. */
  private static int close(String value, int open) {
    if (open >= value.length() || value.charAt(open) != '"') return -1;
    for (int at = open + 1; at < value.length(); at++) {
      char c = value.charAt(at);
      if (c == '"') return at;
      if (c <= ' ' || c == 0x7f) return -1;
    }
    return -1;
  }
}
