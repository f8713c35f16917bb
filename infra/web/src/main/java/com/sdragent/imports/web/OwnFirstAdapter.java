package com.sdragent.imports.web;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerAdapter;

/**
 * Spring's adapter, which asks the service's own readers of arguments and writers of answers before
 * Spring's: for a body of JSON and an answer of JSON, those negotiate what the route has settled.
 */
final class OwnFirstAdapter extends RequestMappingHandlerAdapter {
  @Override
  public void afterPropertiesSet() {
    super.afterPropertiesSet();
    setArgumentResolvers(joined(getCustomArgumentResolvers(), getArgumentResolvers()));
    setReturnValueHandlers(joined(getCustomReturnValueHandlers(), getReturnValueHandlers()));
  }

  private static <T> List<T> joined(@Nullable List<T> own, @Nullable List<T> springs) {
    return Stream.of(own, springs).filter(Objects::nonNull).flatMap(List::stream).toList();
  }
}
