package com.sdragent.imports.tool;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.tool.service.ServiceOptions;
import com.sdragent.imports.tool.terminal.ExitCode;
import com.sdragent.imports.tool.verify.StoreOptions;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class ImportsToolTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(CommandLine tool, String... arguments) {
    return tool.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(arguments);
  }

  @Test
  void without_a_command_it_says_how_it_is_used_and_that_this_was_wrong() {
    assertThat(run(ImportsTool.commandLine())).isEqualTo(ExitCode.WRONG_USE);
    assertThat(err.toString()).contains("Usage: imports-tool");
  }

  @Test
  void asked_for_help_it_gives_it() {
    assertThat(run(ImportsTool.commandLine(), "--help")).isEqualTo(ExitCode.ALL_IS_WELL);
    assertThat(out.toString()).contains("Usage: imports-tool", "Exit codes");
  }

  @Test
  void an_option_that_there_is_not_is_wrong_use() {
    assertThat(run(ImportsTool.commandLine(), "--nonsense")).isEqualTo(ExitCode.WRONG_USE);
  }

  @Test
  void options_come_from_the_command_line_and_a_secret_is_never_printed() {
    var probe = new Probe();
    assertThat(
            run(
                new CommandLine(probe),
                "--url=jdbc:postgresql://db/x?password=topsecret",
                "--user=eve",
                "--password=topsecret",
                "--service=http://there:1",
                "--api-key=topsecret"))
        .isEqualTo(ExitCode.ALL_IS_WELL);
    assertThat(out.toString())
        .contains("jdbc:postgresql://db/x as eve", "http://there:1")
        .doesNotContain("topsecret");
  }

  @Test
  void a_url_that_is_none_is_told_without_what_may_be_a_secret() {
    assertThat(
            run(ImportsTool.commandLine(), "verify", "--url=jdbc:nonsense://db?password=topsecret"))
        .isEqualTo(ExitCode.FOUND_WRONG);
    assertThat(err.toString()).contains("jdbc:nonsense://db").doesNotContain("topsecret");
  }

  @Test
  void help_names_the_environment_variables_and_does_not_show_what_they_hold() {
    assertThat(run(ImportsTool.commandLine(), "verify", "--help")).isEqualTo(ExitCode.ALL_IS_WELL);
    assertThat(out.toString()).contains("SPRING_DATASOURCE_URL");
    var options = new CommandLine(new Probe()).getCommandSpec();
    for (String name : new String[] {"--url", "--user", "--password"}) {
      assertThat(options.findOption(name).description())
          .noneMatch(line -> line.contains("DEFAULT-VALUE"));
    }
  }

  @Command(name = "probe")
  static final class Probe implements Runnable {
    @Mixin @org.jspecify.annotations.Nullable StoreOptions store;
    @Mixin @org.jspecify.annotations.Nullable ServiceOptions service;

    @picocli.CommandLine.Spec
    picocli.CommandLine.Model.@org.jspecify.annotations.Nullable CommandSpec spec;

    @Override
    public void run() {
      if (spec != null) spec.commandLine().getOut().println(store + " " + service);
    }
  }
}
