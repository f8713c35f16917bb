package com.sdragent.imports.eventstore.append;

import org.axonframework.common.AxonNonTransientException;

/** The same request was answered before, under its key. Nothing was stored for it again. */
public class AnsweredBeforeException extends AxonNonTransientException {
  private static final long serialVersionUID = 1L;

  private final String answer;

  AnsweredBeforeException(String answer) {
    super("The request was answered before");
    this.answer = answer;
  }

  /** The first answer, as it was kept. */
  public String answer() {
    return answer;
  }
}
