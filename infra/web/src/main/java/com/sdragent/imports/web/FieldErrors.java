package com.sdragent.imports.web;

import com.sdragent.imports.web.ApiError.FieldError;
import java.util.ArrayList;
import java.util.List;

/** What is wrong with the fields of a request, collected one by one in the order of the checks. */
public final class FieldErrors {
  private final List<FieldError> errors = new ArrayList<>();

  /** Says what is wrong with a field, or with several together. */
  public void wrong(String field, String message) {
    errors.add(new FieldError(field, message));
  }

  /**
   * Ends the checks.
   *
   * @throws ApiError 400 that names every field that is wrong, if there is one
   */
  public void check() {
    if (!errors.isEmpty()) throw ApiError.validation(errors);
  }
}
