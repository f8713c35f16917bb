package com.sdragent.imports.web;

import java.io.IOException;
import java.util.Map;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** Answers what Tomcat refuses before any filter sees it, such as a malformed request line. */
public final class JsonErrorReportValve extends ErrorReportValve {
  private static final Logger log = LoggerFactory.getLogger(JsonErrorReportValve.class);

  /** Made by Tomcat, by name. */
  public JsonErrorReportValve() {}

  @Override
  protected void report(Request request, Response response, @Nullable Throwable throwable) {
    int status = response.getStatus();
    if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) return;
    try (var _ = MDC.putCloseable(RequestId.LOGGED, RequestId.of(request))) {
      // 501 and 505 are the client's doing.
      if (status == 500) log.error("A request failed in the container", throwable);
      ErrorBodies.write(request, response, ErrorBodies.of(status, Map.of()));
      response.finishResponse();
    } catch (IOException | IllegalStateException e) {
      log.debug("The client did not take its error", e);
    }
  }
}
