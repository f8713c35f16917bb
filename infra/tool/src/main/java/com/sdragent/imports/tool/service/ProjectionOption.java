package com.sdragent.imports.tool.service;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Option;

/** The projection that a command is about. */
final class ProjectionOption {
  @Option(
      names = "--projection",
      paramLabel = "NAME",
      defaultValue = "imports",
      description = "Which projection; ${DEFAULT-VALUE}, the read model of imports, if not given")
  private String name = "imports";

  /** The address of something about the projection. */
  String address(String what) {
    return "admin/projections/" + URLEncoder.encode(name, StandardCharsets.UTF_8) + "/" + what;
  }
}
