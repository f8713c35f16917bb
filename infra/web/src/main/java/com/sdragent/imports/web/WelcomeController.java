package com.sdragent.imports.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.swagger.v3.oas.models.OpenAPI;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tells whoever opens the service's address where to go: a page to a browser, and JSON to everybody
 * else. The links are relative, so that they hold behind any prefix.
 */
@RestController
class WelcomeController {
  private static final MediaType PAGE = new MediaType(MediaType.TEXT_HTML, UTF_8);

  /** Only nodes that answer reads have it. */
  private static final boolean HAS_CONSOLE =
      WelcomeController.class.getResource("/console/index.html") != null;

  private final String json;
  private final String page;

  WelcomeController(OpenAPI document) {
    String title = document.getInfo().getTitle();
    String version = document.getInfo().getVersion();
    ObjectNode links = JsonMapper.shared().createObjectNode();
    links.put("name", title).put("version", version);
    if (HAS_CONSOLE) links.put("console", "console/");
    links
        .put("try_it", "swagger-ui.html")
        .put("document", "openapi.yaml")
        .put("imports", "imports/");
    json = links.toString();
    page =
        """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>%1$s</title>
        <h1>%1$s %2$s</h1>
        <p>This is a service for programs. A person may
        <ul>
        %3$s
        <li><a href="swagger-ui.html">try it on a page</a>,
        <li>read <a href="openapi.yaml">its document</a>, or
        <li>ask it: <code>curl -H "X-API-Key: …" …/imports/</code>
        </ul>
        </html>
        """
            .formatted(
                title,
                version,
                HAS_CONSOLE
                    ? "<li><a href=\"console/\">see in the console</a> what happened,"
                    : "");
  }

  @GetMapping(
      path = "/",
      produces = {MediaType.APPLICATION_JSON_VALUE, MediaType.TEXT_HTML_VALUE})
  ResponseEntity<byte[]> welcome(HttpServletRequest request) {
    boolean asPage = prefersPages(request);
    return ResponseEntity.ok()
        .contentType(asPage ? PAGE : MediaType.APPLICATION_JSON)
        .cacheControl(CacheControl.noCache().cachePublic())
        .header(HttpHeaders.VARY, HttpHeaders.ACCEPT)
        .body((asPage ? page : json).getBytes(UTF_8));
  }

  private static boolean prefersPages(HttpServletRequest request) {
    for (MediaType accepted : Accepted.of(request).bestFirst()) {
      if (accepted.includes(MediaType.APPLICATION_JSON)) return false;
      if (accepted.includes(MediaType.TEXT_HTML)) return true;
    }
    return false;
  }
}
