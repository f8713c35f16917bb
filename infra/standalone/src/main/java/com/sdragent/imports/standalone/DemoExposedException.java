package com.sdragent.imports.standalone;

/** The demo credentials would work for others than this machine. */
class DemoExposedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DemoExposedException(String message) {
    super(message);
  }
}
