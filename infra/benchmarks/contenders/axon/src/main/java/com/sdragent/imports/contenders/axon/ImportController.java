package com.sdragent.imports.contenders.axon;

import jakarta.validation.Valid;
import java.net.URI;
import java.util.List;
import java.util.UUID;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.springframework.data.domain.Limit;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
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
class ImportController {
  private static final UUID ORGANIZATION = UUID.fromString("123e4567-e89b-12d3-a456-426614174000");

  private final CommandGateway commands;
  private final ProjectedImports imports;

  ImportController(CommandGateway commands, ProjectedImports imports) {
    this.commands = commands;
    this.imports = imports;
  }

  /** Answers with the id, which is what a command that creates an aggregate returns. */
  @PostMapping
  ResponseEntity<NewImport> create(
      @Validated(ImportFields.New.class) @RequestBody ImportFields fields) {
    UUID id = UUID.randomUUID();
    commands.sendAndWait(new StoredImport.Create(id, fields));
    return ResponseEntity.created(URI.create("/imports/" + id)).body(new NewImport(id));
  }

  @PutMapping("{id}")
  ImportDetails update(@PathVariable UUID id, @Valid @RequestBody ImportFields fields) {
    return commands.sendAndWait(new StoredImport.Update(id, fields));
  }

  @GetMapping("{id}")
  ImportDetails get(@PathVariable UUID id) {
    return imports
        .findById(id)
        .map(ProjectedImport::details)
        .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
  }

  @GetMapping
  List<ImportDetails> list(@RequestParam int limit) {
    return imports.findByOrgIdOrderByCreatedAtDescIdDesc(ORGANIZATION, Limit.of(limit)).stream()
        .map(ProjectedImport::details)
        .toList();
  }

  record NewImport(UUID id) {}
}
