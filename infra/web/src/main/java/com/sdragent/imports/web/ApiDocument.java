package com.sdragent.imports.web;

import io.swagger.v3.core.util.Yaml31;
import io.swagger.v3.oas.models.OpenAPI;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * The API's OpenAPI document. It is written by hand, since it is the contract and the code follows
 * it.
 */
final class ApiDocument {
  private ApiDocument() {}

  static OpenAPI read() throws IOException {
    try (InputStream file = ApiDocument.class.getResourceAsStream("/openapi.yaml")) {
      return Yaml31.mapper().readValue(Objects.requireNonNull(file), OpenAPI.class);
    }
  }
}
