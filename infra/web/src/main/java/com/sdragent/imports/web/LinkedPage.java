package com.sdragent.imports.web;

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
   * @param address where the page after the one that ends with this is, relative to the request
   */
  public static <T> ResponseEntity<List<T>> answer(
      List<T> found, int limit, Function<T, String> address) {
    if (found.size() <= limit) return ResponseEntity.ok(found);
    List<T> page = found.subList(0, limit);
    return ResponseEntity.ok()
        .header(HttpHeaders.LINK, link(address.apply(page.getLast())))
        .body(page);
  }

  /** The value of a header that links the next page. */
  public static String link(String address) {
    return "<" + address + ">; rel=\"next\"";
  }
}
