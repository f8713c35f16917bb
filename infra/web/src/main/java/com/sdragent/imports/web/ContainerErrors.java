package com.sdragent.imports.web;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Answers the requests that filters and the container refuse by {@code sendError}. */
@RestController
class ContainerErrors implements ErrorController {
  private final Failures failures;

  ContainerErrors(Failures failures) {
    this.failures = failures;
  }

  @RequestMapping("${spring.web.error.path:${error.path:/error}}")
  void error(HttpServletRequest request, HttpServletResponse response) throws IOException {
    // Half an answer does not become whole by an error behind it.
    if (response.isCommitted()) return;
    Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
    // When a client asks for it directly, it is an address like any other that leads nowhere.
    int code = status instanceof Integer known && known >= 400 ? known : 404;
    ApiError error = ErrorBodies.of(code, Map.of());
    Object thrown = request.getAttribute(RequestDispatcher.ERROR_EXCEPTION);
    failures.answered(error, thrown instanceof Throwable cause ? cause : null);
    ErrorBodies.write(request, response, error);
  }
}
