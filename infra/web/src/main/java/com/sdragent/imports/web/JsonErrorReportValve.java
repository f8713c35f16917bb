package com.sdragent.imports.web;

import java.io.IOException;
import java.util.Map;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers requests that Tomcat refuses before any filter sees them, such as one with a malformed
 * request line.
 */
public final class JsonErrorReportValve extends ErrorReportValve {
  private static final Logger log = LoggerFactory.getLogger(JsonErrorReportValve.class);

  /** For Tomcat, which creates the valve by its class name. */
  public JsonErrorReportValve() {}

  @Override
  protected void report(Request request, Response response, @Nullable Throwable throwable) {
    int status = response.getStatus();
    if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) return;
    LoggedRequest.begin(request, RequestId.of(request));
    try {
      // The client causes 501 and 505.
      if (status == 500) log.error("A request failed in the container", throwable);
      ErrorBodies.write(request, response, ErrorBodies.of(status, Map.of()));
      response.finishResponse();
    } catch (IOException | IllegalStateException e) {
      log.debug("The client did not take its error", e);
    } finally {
      LoggedRequest.end();
    }
  }
}
