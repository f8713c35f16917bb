package com.sdragent.imports.web;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;
import tools.jackson.databind.JsonNode;

/**
 * Makes requests of this type out of bodies that {@link StrictJson} reads. The media types are the
 * route's.
 */
public abstract class BodyReader<T> implements HandlerMethodArgumentResolver {
  private final Class<T> requests;

  protected BodyReader(Class<T> requests) {
    this.requests = requests;
  }

  /**
   * The request that is in this body.
   *
   * @throws ApiError 400 when there is none in it
   */
  protected abstract T read(Class<? extends T> type, JsonNode body);

  @Override
  public final boolean supportsParameter(MethodParameter parameter) {
    return parameter.hasParameterAnnotation(RequestBody.class)
        && requests.isAssignableFrom(parameter.getParameterType());
  }

  @Override
  public final @Nullable Object resolveArgument(
      MethodParameter parameter,
      @Nullable ModelAndViewContainer container,
      NativeWebRequest web,
      @Nullable WebDataBinderFactory binders) {
    HttpServletRequest request =
        Objects.requireNonNull(web.getNativeRequest(HttpServletRequest.class));
    byte[] bytes = bytes(request);
    if (bytes.length == 0 && !isRequired(parameter)) return null;
    JsonNode body = StrictJson.body(request, bytes);
    Class<? extends T> type = parameter.getParameterType().asSubclass(requests);
    return StrictHandling.read(request, body, () -> read(type, body));
  }

  private static boolean isRequired(MethodParameter parameter) {
    RequestBody body = parameter.getParameterAnnotation(RequestBody.class);
    return body == null || body.required();
  }

  private static byte[] bytes(HttpServletRequest request) {
    try {
      return StrictJson.bytes(request);
    } catch (IOException e) {
      throw new HttpMessageNotReadableException(
          "The body did not come whole", e, new ServletServerHttpRequest(request));
    }
  }
}
