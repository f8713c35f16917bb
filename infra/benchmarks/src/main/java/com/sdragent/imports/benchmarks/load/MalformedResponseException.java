package com.sdragent.imports.benchmarks.load;

/** What came is no response of HTTP/1.1 whose end could be found. */
class MalformedResponseException extends RuntimeException {
  private static final long serialVersionUID = 1;

  MalformedResponseException(String message) {
    super(message);
  }
}
