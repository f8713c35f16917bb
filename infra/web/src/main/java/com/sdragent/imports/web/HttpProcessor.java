package com.sdragent.imports.web;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.coyote.ActionCode;
import org.apache.coyote.Adapter;
import org.apache.coyote.ErrorState;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.buf.ByteChunk;
import org.apache.tomcat.util.buf.MessageBytes;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Handles the requests of one connection at a time. */
final class HttpProcessor extends Http11Processor {
  private static final Logger log = LoggerFactory.getLogger(HttpProcessor.class);
  private static final int REQUEST_TIMEOUT = 408;
  private static final String OF_THE_NODE = "/actuator/";

  private final HttpProtocol protocol;
  private boolean mayHaveMore;

  HttpProcessor(HttpProtocol protocol, Adapter adapter) {
    super(protocol, adapter);
    this.protocol = protocol;
  }

  @Override
  public SocketState process(SocketWrapperBase<?> connection, SocketEvent event)
      throws IOException {
    // The poller reports a client that fell silent in the middle of a header.
    boolean isLate = event == SocketEvent.ERROR && !isAsync() && headerHasBegun();
    return isLate ? refuseLateHeader() : super.process(connection, event);
  }

  /** Called whenever bytes have come, until the header is complete and the request is handled. */
  @Override
  public SocketState service(SocketWrapperBase<?> connection) throws IOException {
    SocketState state = super.service(connection);
    if (state == SocketState.CLOSED
        && mayHaveMore
        && connection instanceof HttpEndpoint.Connection refused) {
      refused.awaitItsEnd();
    }
    boolean isWaiting = state == SocketState.OPEN || state == SocketState.LONG;
    if (!isWaiting || isAsync() || !headerHasBegun()) return state;
    Duration spent = Duration.ofNanos(System.nanoTime() - request.getStartTimeNanos());
    long left = protocol.headerTimeout().minus(spent).toMillis();
    if (left <= 0) return refuseLateHeader();
    connection.setReadTimeout(left);
    // This holds even if only empty lines have come so far, which Tomcat would forget.
    return SocketState.LONG;
  }

  /**
   * Whether the header has begun: Tomcat sets the start time with the first byte and resets it when
   * the request has been handled.
   */
  private boolean headerHasBegun() {
    return request.getStartTimeNanos() != -1;
  }

  private SocketState refuseLateHeader() {
    response.setStatus(REQUEST_TIMEOUT);
    setErrorState(ErrorState.CLOSE_CLEAN, null);
    try {
      getAdapter().service(request, response);
      action(ActionCode.CLOSE, null);
      if (socketWrapper instanceof HttpEndpoint.Connection refused) refused.awaitItsEnd();
    } catch (Exception e) {
      log.debug("The client did not take its error", e);
    }
    return SocketState.CLOSED;
  }

  /** Called once for each request, when its header is complete or refused. */
  @Override
  protected void parseHost(@Nullable MessageBytes host) {
    if (!request.requestURI().startsWithIgnoreCase(OF_THE_NODE, 0)) protocol.asked();
    // A header that was refused, because it is too large for example, was not read to its end.
    mayHaveMore =
        getErrorState().isError()
            || request.getHeader("Content-Length") != null
            || request.getHeader("Transfer-Encoding") != null;
    if (socketWrapper instanceof HttpEndpoint.Connection connection) {
      connection.expectBody(protocol.bodyTimeout());
      request.setAttribute(ClientConnection.class.getName(), connection);
    }
    if (host == null || host.isNull() || host.getByteChunk().indexOf('_', 0) < 0) {
      super.parseHost(host);
      return;
    }
    // RFC 3986 allows underscores in a host, and Compose puts them there. Tomcat refuses them, so
    // it gets to check the name with a letter in their place.
    ByteChunk sent = host.getByteChunk();
    String name =
        new String(sent.getBytes(), sent.getStart(), sent.getLength(), StandardCharsets.ISO_8859_1);
    byte[] judged = name.replace('_', 'x').getBytes(StandardCharsets.ISO_8859_1);
    MessageBytes substitute = MessageBytes.newInstance();
    substitute.setBytes(judged, 0, judged.length);
    super.parseHost(substitute);
    if (getErrorState().isError()) return;
    int length = request.serverName().getLength();
    request.serverName().setString(name.substring(0, length));
  }
}
