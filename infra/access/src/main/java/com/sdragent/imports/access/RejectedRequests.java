package com.sdragent.imports.access;

import com.sdragent.imports.web.ErrorBodies;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** What the firewall refuses late: it looks at a parameter's name only when somebody reads it. */
@RestControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
class RejectedRequests {
  @ExceptionHandler(RequestRejectedException.class)
  void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
    ErrorBodies.write(request, response, ErrorBodies.of(400, Map.of()));
  }
}
