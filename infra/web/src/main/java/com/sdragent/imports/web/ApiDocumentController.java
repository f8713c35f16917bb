package com.sdragent.imports.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.UUID;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Serves the API's document to everybody, and the same again only to who does not have it yet. */
@RestController
class ApiDocumentController {
  private final ResponseEntity<byte[]> yaml;
  private final ResponseEntity<byte[]> json;

  ApiDocumentController(ApiDocument document) {
    yaml = answer(document.yaml(), MediaType.APPLICATION_YAML);
    json = answer(document.json(), MediaType.APPLICATION_JSON);
  }

  private static ResponseEntity<byte[]> answer(String document, MediaType type) {
    byte[] bytes = document.getBytes(UTF_8);
    return ResponseEntity.ok()
        .contentType(type)
        .eTag(UUID.nameUUIDFromBytes(bytes).toString())
        .cacheControl(CacheControl.noCache().cachePublic())
        .body(bytes);
  }

  @GetMapping("/openapi.yaml")
  ResponseEntity<byte[]> yaml() {
    return yaml;
  }

  @GetMapping("/openapi.json")
  ResponseEntity<byte[]> json() {
    return json;
  }
}
