package com.sdragent.imports.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.context.support.StaticApplicationContext;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerExecutionChain;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.ServletRequestPathUtils;

class PathFirstMappingsTest {
  private static final List<String> PATHS =
      List.of(
          "/",
          "/things",
          "/things/",
          "/things/1",
          "/things/1/",
          "/things/total",
          "/things/total/",
          "/things/1/parts",
          "/things/%C3%A4",
          "/things/1/2/3",
          "/things//1",
          "//things/1",
          "/things/1;a=b",
          "/thing%73/1",
          "/Things/1",
          "/files",
          "/files/a/b",
          "/anything/special",
          "/things/special",
          "/any",
          "",
          "/other");
  private static final List<String> MEDIA_TYPES =
      List.of("", "*/*", "application/json", "application/json;q=0", "text/csv", "nonsense");

  @Test
  void a_request_comes_to_the_handler_or_error_that_spring_alone_finds() throws Exception {
    RequestMappingHandlerMapping springs = started(new RequestMappingHandlerMapping());
    RequestMappingHandlerMapping ours = started(new PathFirstMappings());
    for (String method : List.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")) {
      for (String path : PATHS) {
        for (String accept : MEDIA_TYPES) {
          for (String content : MEDIA_TYPES) {
            assertThat(found(ours, method, path, accept, content))
                .as("%s %s, accepts '%s', sends '%s'", method, path, accept, content)
                .isEqualTo(found(springs, method, path, accept, content));
          }
        }
      }
    }
  }

  @Test
  void a_path_variable_is_passed_on() throws Exception {
    MockHttpServletRequest request = request("GET", "/things/1", "", "");
    HandlerExecutionChain found = started(new PathFirstMappings()).getHandler(request);
    assertThat(found).isNotNull();
    assertThat(request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE))
        .isEqualTo(Map.of("id", "1"));
  }

  private static String found(
      RequestMappingHandlerMapping mappings,
      String method,
      String path,
      String accept,
      String content) {
    try {
      return String.valueOf(method(mappings.getHandler(request(method, path, accept, content))));
    } catch (Exception e) {
      return e.toString();
    }
  }

  private static @Nullable Object method(@Nullable HandlerExecutionChain chain) {
    if (chain == null) return null;
    return chain.getHandler() instanceof HandlerMethod handler
        ? handler.getMethod().getName()
        : chain.getHandler().getClass();
  }

  private static MockHttpServletRequest request(
      String method, String path, String accept, String content) {
    var request = new MockHttpServletRequest(method, path);
    if (!accept.isEmpty()) request.addHeader("Accept", accept);
    if (!content.isEmpty()) {
      request.addHeader("Content-Type", content);
      request.setContent(new byte[] {'1'});
    }
    ServletRequestPathUtils.parseAndCache(request);
    return request;
  }

  private static RequestMappingHandlerMapping started(RequestMappingHandlerMapping mappings) {
    var context = new StaticApplicationContext();
    context.registerSingleton("things", Things.class);
    context.refresh();
    mappings.setApplicationContext(context);
    mappings.afterPropertiesSet();
    return mappings;
  }

  @RestController
  static class Things {
    @GetMapping(
        path = {"/things", "/things/"},
        produces = "application/json")
    void list() {}

    @PostMapping(
        path = {"/things", "/things/"},
        consumes = "application/json",
        produces = "application/json")
    void add() {}

    @GetMapping(
        path = {"/things/total", "/things/total/"},
        produces = "application/json")
    void total() {}

    @GetMapping(
        path = {"/things/{id}", "/things/{id}/"},
        produces = "application/json")
    void get(@PathVariable String id) {}

    @PutMapping(
        path = {"/things/{id}", "/things/{id}/"},
        consumes = "application/json")
    void put(@PathVariable String id) {}

    @GetMapping(path = "/things/{id}/parts", params = "page")
    void parts(@PathVariable String id) {}

    @GetMapping("/files/**")
    void files() {}

    @PutMapping("/{kind}/special")
    void special(@PathVariable String kind) {}

    @RequestMapping("/any")
    void any() {}
  }
}
