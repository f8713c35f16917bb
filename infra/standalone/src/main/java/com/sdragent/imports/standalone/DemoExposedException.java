package com.sdragent.imports.standalone;

/** The demo credentials would work for other machines than this one. */
class DemoExposedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DemoExposedException(String message) {
    super(message);
  }
}
