package com.sdragent.imports.contenders.jpa;

import jakarta.validation.Valid;
import java.net.URI;
import java.util.List;
import java.util.UUID;
import org.springframework.data.domain.Limit;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.validation.annotation.Validated;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

@RestController
@RequestMapping("/imports/")
class PlainImportController {
  /** Nobody is authenticated: the one organization that there is. */
  private static final UUID ORGANIZATION = UUID.fromString("123e4567-e89b-12d3-a456-426614174000");

  private final PlainImports imports;

  PlainImportController(PlainImports imports) {
    this.imports = imports;
  }

  @PostMapping
  public ResponseEntity<PlainImport> create(
      @Validated(ImportFields.New.class) @RequestBody ImportFields fields) {
    PlainImport created = imports.save(new PlainImport(ORGANIZATION, fields));
    return ResponseEntity.created(URI.create("/imports/" + created.getId())).body(created);
  }

  @PutMapping("{id}")
  @Transactional
  public PlainImport update(@PathVariable UUID id, @Valid @RequestBody ImportFields fields) {
    PlainImport found = get(id);
    found.change(fields);
    return found;
  }

  @GetMapping("{id}")
  public PlainImport get(@PathVariable UUID id) {
    return imports
        .findById(id)
        .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
  }

  @GetMapping
  public List<PlainImport> list(@RequestParam int limit) {
    return imports.findByOrgIdOrderByCreatedAtDescIdDesc(ORGANIZATION, Limit.of(limit));
  }
}
