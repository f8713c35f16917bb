package com.sdragent.imports.web;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.springframework.web.filter.ForwardedHeaderFilter;

/**
 * Takes from a proxy where a request came from. What makes no address is refused, where Spring
 * would fail later, and the error is written without another look at it.
 */
final class ForwardedRequests extends ForwardedHeaderFilter {
  private static final List<String> SCHEMES = List.of("http", "https");
  private static final Pattern HOST = Pattern.compile("[\\w.-]+|\\[[0-9A-Fa-f:.]+]");
  private static final Pattern PREFIX =
      Pattern.compile("(?:/(?:[\\w.~!$&'()*+=:@-]++|%[0-9A-Fa-f]{2})++)*+");

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (request.getDispatcherType() == DispatcherType.ERROR) {
      chain.doFilter(request, response);
      return;
    }
    super.doFilterInternal(
        request,
        response,
        (seen, answer) -> {
          if (seen instanceof HttpServletRequest http && !hasAnAddress(http)) {
            response.sendError(HttpServletResponse.SC_BAD_REQUEST);
          } else {
            chain.doFilter(seen, answer);
          }
        });
  }

  private static boolean hasAnAddress(HttpServletRequest request) {
    String host = request.getServerName();
    return SCHEMES.contains(request.getScheme().toLowerCase(Locale.ROOT))
        && host != null
        && HOST.matcher(host).matches()
        && PREFIX.matcher(request.getContextPath()).matches();
  }
}
