package com.sdragent.imports.query.console;

import com.sdragent.imports.web.ApiError;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/**
 * Serves the console to everybody: its files hold no data. Every address is relative, so that it
 * works behind any prefix.
 */
@RestController
class ConsoleController {
  private static final Duration FOR_EVER = Duration.ofDays(365);

  /** The codings of RFC 9110, section 12.5.3, that say something of gzip, and their weights. */
  private static final Pattern CODING =
      Pattern.compile("(?i)(gzip|\\*)\\s*(?:;\\s*q=([01](?:\\.[0-9]{0,3})?)\\s*)?");

  private final ConsoleFiles files;

  ConsoleController(ConsoleFiles files) {
    this.files = files;
  }

  /** The page's own addresses are relative to its folder. */
  @GetMapping("/console")
  ResponseEntity<Void> folder() {
    return ResponseEntity.status(HttpStatus.PERMANENT_REDIRECT)
        .header(HttpHeaders.LOCATION, "console/")
        .build();
  }

  @GetMapping("/console/")
  ResponseEntity<byte[]> page(HttpServletRequest request) {
    return answer(files.page(), CacheControl.noCache().cachePublic(), request)
        .header("Content-Security-Policy", files.policy())
        .header("Cross-Origin-Opener-Policy", "same-origin")
        .header("Referrer-Policy", "no-referrer")
        .header("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        .body(files.page().bytes(takesCompressed(request)));
  }

  /**
   * While nodes are replaced, a page may ask a node of another version for its files: parts of two
   * versions would not fit, so there are none, and the page is loaded again.
   */
  @GetMapping("/console/files/{version}/{*name}")
  ResponseEntity<byte[]> file(
      @PathVariable String version, @PathVariable String name, HttpServletRequest request) {
    ConsoleFile file =
        files
            .file(name.substring(1))
            .filter(_ -> version.equals(files.version()))
            .orElseThrow(() -> ApiError.notFound("There is nothing at this address"));
    return answer(file, CacheControl.maxAge(FOR_EVER).cachePublic().immutable(), request)
        .body(file.bytes(takesCompressed(request)));
  }

  private static ResponseEntity.BodyBuilder answer(
      ConsoleFile file, CacheControl caching, HttpServletRequest request) {
    ResponseEntity.BodyBuilder answer =
        ResponseEntity.ok()
            .contentType(file.type())
            .cacheControl(caching)
            .header(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING)
            .eTag(file.tag());
    return takesCompressed(request) ? answer.header(HttpHeaders.CONTENT_ENCODING, "gzip") : answer;
  }

  private static boolean takesCompressed(HttpServletRequest request) {
    String accepted = request.getHeader(HttpHeaders.ACCEPT_ENCODING);
    if (accepted == null) return false;
    boolean any = false;
    for (String coding : accepted.split(",", -1)) {
      Matcher one = CODING.matcher(coding.strip());
      if (!one.matches()) continue;
      boolean taken = one.group(2) == null || !one.group(2).matches("0[.0]*");
      if (one.group(1).equals("*")) any = taken;
      else return taken;
    }
    return any;
  }
}
