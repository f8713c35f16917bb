package com.sdragent.imports.web;

import jakarta.servlet.http.HttpServletRequest;

/**
 * The connection that a request came by. It is asked by the thread that handles the request, while
 * it does.
 */
public interface ClientConnection {
  /**
   * Whether the client is still there; never waits. A client that has closed its sending half has
   * gone, as for most servers. What it sent ahead is kept for its next request.
   */
  boolean isOpen();

  /** The request's connection; one that is always open where the server cannot tell. */
  static ClientConnection of(HttpServletRequest request) {
    return request.getAttribute(ClientConnection.class.getName())
            instanceof ClientConnection connection
        ? connection
        : () -> true;
  }
}
