package com.sdragent.imports.tool.service;

import java.net.URI;
import picocli.CommandLine.Option;

/** Where the service is, for the commands that ask it: a mixin. */
public final class ServiceOptions {

  @Option(
      names = "--service",
      paramLabel = "URL",
      defaultValue = "${env:IMPORTS_SERVICE:-http://localhost:8080}",
      description = "The service's address. Default: ${DEFAULT-VALUE}")
  private URI service = URI.create("http://localhost:8080");

  @Option(
      names = "--api-key",
      paramLabel = "KEY",
      defaultValue = "${env:IMPORTS_API_KEY:-}",
      description = "An API key; better given as the environment variable IMPORTS_API_KEY")
  private String apiKey = "";

  URI service() {
    return service;
  }

  String apiKey() {
    return apiKey;
  }

  /** Leaves out the key, because people may see this text. */
  @Override
  public String toString() {
    return service.toString();
  }
}
