package com.sdragent.imports.web;

import com.sdragent.imports.web.ApiError.FieldError;
import com.sdragent.imports.web.DocumentedNames.Names;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.util.MimeTypeUtils;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;
import tools.jackson.databind.JsonNode;

/**
 * {@code Prefer: handling=strict}: what the API document does not name for an operation is refused
 * instead of ignored. A request without {@code Prefer} pays for one look at its headers.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7240#section-4.4">RFC 7240, section 4.4</a>
 */
final class StrictHandling implements HandlerInterceptor {
  private static final String PREFER = "Prefer";
  private static final String APPLIED = "Preference-Applied";
  private static final String HANDLING = "handling";
  private static final String STRICT = "strict";
  private static final String ATTRIBUTE = StrictHandling.class.getName();

  private final DocumentedNames documented;

  StrictHandling(DocumentedNames documented) {
    this.documented = documented;
  }

  /** Refuses unknown parameters, and remembers that unknown fields are to be refused. */
  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    if (request.getHeader(PREFER) == null
        || request.getDispatcherType() != DispatcherType.REQUEST
        || !isStrict(Collections.list(request.getHeaders(PREFER)))) {
      return true;
    }
    Object pattern = request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE);
    Names names = documented.of(request.getMethod(), String.valueOf(pattern));
    if (names == null) return true;
    response.setHeader(APPLIED, HANDLING + "=" + STRICT);
    request.setAttribute(ATTRIBUTE, names);
    List<FieldError> unknown =
        names.unknownParameters(Collections.list(request.getParameterNames()));
    if (!unknown.isEmpty()) throw ApiError.validation(unknown);
    return true;
  }

  /**
   * What is in the body of a request.
   *
   * @throws ApiError 400, which also names the fields that are not known if the client wants that
   */
  static <T> T read(HttpServletRequest request, JsonNode body, Supplier<T> read) {
    // The names that the operation has, when nothing else may be sent.
    var names = (@Nullable Names) request.getAttribute(ATTRIBUTE);
    if (names == null || !body.isObject()) return read.get();
    List<FieldError> unknown = names.unknownFields(body.propertyNames());
    if (unknown.isEmpty()) return read.get();
    var wrong = new ArrayList<FieldError>();
    try {
      var _ = read.get();
    } catch (ApiError e) {
      wrong.addAll(e.fields());
    }
    wrong.addAll(unknown);
    throw ApiError.validation(wrong);
  }

  /** Whether the first preference of this name says so. Preferences are never an error. */
  static boolean isStrict(List<String> lines) {
    for (String preference : MimeTypeUtils.tokenize(String.join(",", lines))) {
      String withoutParameters = preference.split(";", 2)[0];
      String[] nameAndValue = withoutParameters.split("=", 2);
      if (!nameAndValue[0].strip().equalsIgnoreCase(HANDLING)) continue;
      String value = nameAndValue.length == 1 ? "" : nameAndValue[1].strip();
      return value.equalsIgnoreCase(STRICT) || value.equalsIgnoreCase("\"" + STRICT + "\"");
    }
    return false;
  }
}
