package com.sdragent.imports.web;

import jakarta.servlet.http.HttpServletRequest;

/**
 * The connection that a request came by. Only the thread that handles the request asks it, and only
 * meanwhile.
 */
public interface ClientConnection {
  /**
   * Whether the client is still there. The call never waits. A client that has closed its sending
   * half counts as gone, as with most servers. Anything that it sent ahead is kept for its next
   * request.
   */
  boolean isOpen();

  /** The request's connection, or one that is always open where the server cannot tell. */
  static ClientConnection of(HttpServletRequest request) {
    return request.getAttribute(ClientConnection.class.getName())
            instanceof ClientConnection connection
        ? connection
        : () -> true;
  }
}
