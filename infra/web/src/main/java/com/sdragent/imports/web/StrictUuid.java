package com.sdragent.imports.web;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Reads UUIDs from outside: 36 characters, any version. {@link UUID#fromString} alone takes
 * 1-1-1-1-1.
 */
public final class StrictUuid {
  private static final int LENGTH = 36;

  private StrictUuid() {}

  /** The UUID that the text gives, or nothing. */
  public static Optional<UUID> parse(String text) {
    return hasForm(text) ? Optional.of(UUID.fromString(text)) : Optional.empty();
  }

  private static boolean hasForm(String text) {
    if (text.length() != LENGTH) return false;
    for (int i = 0; i < LENGTH; i++) {
      boolean isHyphen = i == 8 || i == 13 || i == 18 || i == 23;
      if (isHyphen ? text.charAt(i) != '-' : !isHexDigit(text.charAt(i))) return false;
    }
    return true;
  }

  private static boolean isHexDigit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  }

  /**
   * Reads the UUIDs in paths, for which Spring would make a binder and fall back to Java's form.
   */
  static final class OfPath implements HandlerMethodArgumentResolver {
    @Override
    public boolean supportsParameter(MethodParameter parameter) {
      return parameter.getParameterType() == UUID.class
          && parameter.hasParameterAnnotation(PathVariable.class);
    }

    @Override
    public UUID resolveArgument(
        MethodParameter parameter,
        @Nullable ModelAndViewContainer container,
        NativeWebRequest request,
        @Nullable WebDataBinderFactory binders) {
      var variables =
          (Map<?, ?>)
              request.getAttribute(
                  HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE, RequestAttributes.SCOPE_REQUEST);
      String name = Objects.requireNonNull(parameter.getParameterName());
      Object text = variables == null ? null : variables.get(name);
      return parse(String.valueOf(text))
          .orElseThrow(
              () ->
                  new MethodArgumentTypeMismatchException(
                      text, UUID.class, name, parameter, new IllegalArgumentException()));
    }
  }
}
