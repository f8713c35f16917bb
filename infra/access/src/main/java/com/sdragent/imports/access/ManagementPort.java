package com.sdragent.imports.access;

import jakarta.servlet.http.HttpServletRequest;
import org.springframework.core.env.Environment;
import org.springframework.security.web.util.matcher.RequestMatcher;

/** Requests that came in at a port that is for health and metrics alone. */
final class ManagementPort implements RequestMatcher {
  private final Environment environment;

  ManagementPort(Environment environment) {
    this.environment = environment;
  }

  /** By the socket: what a proxy or a client says of a port does not count. */
  @Override
  public boolean matches(HttpServletRequest request) {
    String port = String.valueOf(request.getLocalPort());
    return port.equals(environment.getProperty("local.management.port"))
        && !port.equals(environment.getProperty("local.server.port"));
  }
}
