package com.sdragent.imports.access;

import jakarta.servlet.http.HttpServletRequest;

/** Whether the client of a request is still connected. */
public interface ClientConnection {

  /** Whether it was when it was looked at just now. */
  boolean isOpen();

  /** The connection of this request; one that nobody watches is always open. */
  static ClientConnection of(HttpServletRequest request) {
    Object watched = request.getAttribute(ClientConnection.class.getName());
    return watched instanceof ClientConnection connection ? connection : () -> true;
  }
}
