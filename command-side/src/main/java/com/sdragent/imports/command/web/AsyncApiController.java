package com.sdragent.imports.command.web;

import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Serves the document that describes the topics. */
@RestController
class AsyncApiController {

  @GetMapping(path = "/asyncapi.yaml", produces = "application/yaml")
  Resource document() {
    return new ClassPathResource("asyncapi.yaml");
  }
}
