package com.sdragent.imports.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.swagger.v3.core.util.Yaml31;
import io.swagger.v3.oas.models.OpenAPI;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * The API's OpenAPI document. It is written by hand, since it is the contract and the code follows
 * it.
 *
 * @param yaml as it is written
 * @param json the same in JSON
 */
record ApiDocument(String yaml, String json) {
  private static final ObjectMapper YAML = Yaml31.mapper();

  static ApiDocument read() throws IOException {
    try (InputStream file = ApiDocument.class.getResourceAsStream("/openapi.yaml")) {
      String yaml = new String(Objects.requireNonNull(file).readAllBytes(), UTF_8);
      return new ApiDocument(yaml, YAML.readTree(yaml).toString());
    }
  }

  /** As springdoc serves it, one folder further down. */
  OpenAPI model() throws IOException {
    OpenAPI model = YAML.readValue(yaml, OpenAPI.class);
    model.getServers().forEach(server -> server.setUrl("../"));
    return model;
  }
}
