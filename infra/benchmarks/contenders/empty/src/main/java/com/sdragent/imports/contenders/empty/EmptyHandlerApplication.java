package com.sdragent.imports.contenders.empty;

import java.net.URI;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Reads what it is sent and answers with an import that never changes. */
@SpringBootApplication
@RestController
public class EmptyHandlerApplication {
  private static final UUID ID = UUID.fromString("7c9e6679-7425-40de-944b-e07fc1f90ae7");
  private static final Instant TIME = Instant.parse("2026-01-31T12:00:00.123456Z");
  private static final Import CONSTANT =
      new Import(
          ID,
          UUID.fromString("123e4567-e89b-12d3-a456-426614174000"),
          null,
          "salesforce",
          "leads.csv",
          "pending",
          500,
          TIME,
          TIME);

  public static void main(String[] args) {
    SpringApplication.run(EmptyHandlerApplication.class, args);
  }

  @PostMapping("/imports/")
  ResponseEntity<Import> create(@RequestBody Fields fields) {
    return ResponseEntity.created(URI.create("/imports/" + ID)).body(CONSTANT);
  }

  @PutMapping("/imports/{id}")
  Import update(@PathVariable UUID id, @RequestBody Fields fields) {
    return CONSTANT;
  }

  @GetMapping("/imports/{id}")
  Import get(@PathVariable UUID id) {
    return CONSTANT;
  }

  @GetMapping("/imports/")
  List<Import> list(int limit) {
    return Collections.nCopies(limit, CONSTANT);
  }

  record Import(
      UUID id,
      UUID orgId,
      @Nullable UUID campaignId,
      String source,
      String fileName,
      String status,
      long totalRows,
      Instant createdAt,
      Instant updatedAt) {}

  record Fields(
      @Nullable String source,
      @Nullable String fileName,
      @Nullable String status,
      @Nullable Long totalRows) {}
}
