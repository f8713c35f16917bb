package com.sdragent.imports.web;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.apache.catalina.AccessLog;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a line to the log for each request that was answered, those that Tomcat refuses by itself
 * included. It has no query, no header and no address of a client.
 */
final class RequestLog extends ValveBase implements AccessLog {
  private static final Logger log = LoggerFactory.getLogger("com.sdragent.imports.requests");
  private static final int LONGEST_PATH = 256;

  RequestLog() {
    super(true);
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    getNext().invoke(request, response);
  }

  @Override
  public void log(Request request, Response response, long nanos) {
    LoggedRequest.begin(request, RequestId.of(request));
    try {
      String method = text(request.getMethod());
      String path = text(request.getRequestURI());
      long bytes = response.getBytesWritten(false);
      long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
      log.atInfo()
          .addKeyValue("method", method)
          .addKeyValue("path", path)
          .addKeyValue("status", response.getStatus())
          .addKeyValue("bytes", bytes)
          .addKeyValue("milliseconds", millis)
          .log("{} {} {} {} B {} ms", method, path, response.getStatus(), bytes, millis);
    } finally {
      LoggedRequest.end();
    }
  }

  /** As it was sent, but for what a line could not hold; a request that is malformed has none. */
  private static String text(@Nullable String sent) {
    if (sent == null || sent.isEmpty()) return "-";
    String plain = sent.replaceAll("[^!-~]", "?");
    return plain.length() <= LONGEST_PATH ? plain : plain.substring(0, LONGEST_PATH) + "…";
  }

  @Override
  public void setRequestAttributesEnabled(boolean requestAttributesEnabled) {
    // Nothing of a proxy is in the line.
  }

  @Override
  public boolean getRequestAttributesEnabled() {
    return false;
  }
}
