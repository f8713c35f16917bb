package com.sdragent.imports.web;

import java.time.Duration;
import org.apache.coyote.Processor;
import org.apache.coyote.http11.Http11NioProtocol;

/**
 * Tomcat's HTTP/1.1 with deadlines for whole headers and whole bodies, where Tomcat's own timeouts
 * are for each read, and with connections that tell whether their client is still there. The
 * connector's timeout then only limits how long a client may take nothing of its answer.
 */
public final class HttpProtocol extends Http11NioProtocol {
  private final HttpEndpoint endpoint;
  private Duration bodyTimeout = Duration.ofSeconds(20);
  private volatile boolean leaving;
  private volatile long lastAsked;

  /** For Tomcat, which creates the protocol by its class name. */
  public HttpProtocol() {
    this(new HttpEndpoint());
  }

  private HttpProtocol(HttpEndpoint endpoint) {
    super(endpoint);
    this.endpoint = endpoint;
  }

  void setDeadlines(Duration headerTimeout, Duration bodyTimeout) {
    endpoint.setHeaderTimeout(headerTimeout);
    this.bodyTimeout = bodyTimeout;
  }

  Duration headerTimeout() {
    return endpoint.headerTimeout();
  }

  Duration bodyTimeout() {
    return bodyTimeout;
  }

  /** Has each answer from now on end its connection, so that clients find another node. */
  void leave() {
    lastAsked = System.nanoTime();
    leaving = true;
  }

  /** Notes a request of somebody who does not only look how the node is. */
  void asked() {
    if (leaving) lastAsked = System.nanoTime();
  }

  /** For how long nobody has asked for anything since the node began to leave. */
  Duration quietFor() {
    return Duration.ofNanos(System.nanoTime() - lastAsked);
  }

  /** One is the word for a connection that takes no request after the present one. */
  @Override
  public int getMaxKeepAliveRequests() {
    return leaving ? 1 : super.getMaxKeepAliveRequests();
  }

  /** How long a processor waits for the next byte of a header. */
  @Override
  public int getConnectionTimeout() {
    return (int) endpoint.headerTimeout().toMillis();
  }

  @Override
  protected Processor createProcessor() {
    return new HttpProcessor(this, getAdapter());
  }
}
