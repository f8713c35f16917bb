package com.sdragent.imports.tool.service;

import java.net.URI;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Where the service is, for the commands that ask it: a mixin. */
public final class ServiceOptions {

  private static final Pattern ADDRESS = Pattern.compile("https?://[^/?#@\\s]+(/[^?#\\s]*)?");

  @Option(
      names = "--service",
      paramLabel = "URL",
      defaultValue = "${env:IMPORTS_SERVICE:-http://localhost:8080}",
      description = "The service's address. Default: ${DEFAULT-VALUE}")
  private String service = "";

  @Option(
      names = "--api-key",
      paramLabel = "KEY",
      defaultValue = "${env:IMPORTS_API_KEY:-}",
      description = "An API key; better given as the environment variable IMPORTS_API_KEY")
  private String apiKey = "";

  /**
   * Whom to ask.
   *
   * @throws ParameterException when the options cannot be right
   */
  ServiceClient client(CommandSpec spec) {
    if (!ADDRESS.matcher(service).matches()) {
      String host = service.replaceFirst("^[a-z]*:?//", "");
      throw new ParameterException(
          spec.commandLine(),
          "--service (or IMPORTS_SERVICE) must be an address that begins with http:// or https://,"
              + " such as http://"
              + (host.matches("[\\w.-]+(:\\d+)?") ? host : "localhost:8080"));
    }
    if (apiKey.isBlank()) {
      throw new ParameterException(
          spec.commandLine(),
          "There is no API key: set the environment variable IMPORTS_API_KEY, or give --api-key");
    }
    // A file or a secret often ends with a line feed.
    String key = apiKey.strip();
    if (!key.chars().allMatch(character -> character > ' ' && character <= '~')) {
      throw new ParameterException(
          spec.commandLine(),
          "--api-key (or IMPORTS_API_KEY) has a character that no key has, such as a space: give"
              + " the key alone");
    }
    return new ServiceClient(URI.create(service), key);
  }

  /** Leaves out the key, because people may see this text. */
  @Override
  public String toString() {
    return service;
  }
}
