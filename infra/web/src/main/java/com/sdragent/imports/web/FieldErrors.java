package com.sdragent.imports.web;

import com.sdragent.imports.web.ApiError.FieldError;
import java.util.ArrayList;
import java.util.List;

/** The errors in the fields of a request, collected one by one in the order of the checks. */
public final class FieldErrors {
  private final List<FieldError> errors = new ArrayList<>();

  /** Adds an error in a field, or in several together. */
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
