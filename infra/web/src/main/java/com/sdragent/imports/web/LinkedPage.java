package com.sdragent.imports.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.function.Function;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;

/** Answers a list by pages, each of which links the next (RFC 8288). */
public final class LinkedPage {
  private LinkedPage() {}

  /**
   * A page, and a link when there is more.
   *
   * @param found what the page has, and one more when there is more
   * @param parameters those that ask for the page after the one that ends with this
   */
  public static <T> ResponseEntity<List<T>> answer(
      List<T> found, int limit, HttpServletRequest request, Function<T, String> parameters) {
    if (found.size() <= limit) return ResponseEntity.ok(found);
    List<T> page = found.subList(0, limit);
    return ResponseEntity.ok()
        .header(HttpHeaders.LINK, link(request, parameters.apply(page.getLast())))
        .body(page);
  }

  /**
   * The value of a header that links the next page, which these parameters ask for at the same
   * address. It is relative to the address, so that it holds behind any proxy, and names the last
   * segment, without which some clients resolve it wrongly.
   */
  public static String link(HttpServletRequest request, String parameters) {
    String path = request.getRequestURI();
    return "<" + path.substring(path.lastIndexOf('/') + 1) + "?" + parameters + ">; rel=\"next\"";
  }
}
