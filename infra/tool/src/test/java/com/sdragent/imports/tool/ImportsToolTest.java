package com.sdragent.imports.tool;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.tool.service.ServiceOptions;
import com.sdragent.imports.tool.terminal.ExitCode;
import com.sdragent.imports.tool.verify.StoreOptions;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ImportsToolTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(CommandLine tool, String... arguments) {
    return tool.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(arguments);
  }

  @Test
  void without_a_command_it_says_how_it_is_used_and_that_this_was_wrong() {
    assertThat(run(ImportsTool.commandLine())).isEqualTo(ExitCode.WRONG_USE);
    assertThat(err.toString()).contains("Say what to do: verify, checkpoint", "--help");
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
            run(
                ImportsTool.commandLine(),
                "verify",
                "--url=jdbc:nonsense://me:topsecret@db?password=topsecret"))
        .isEqualTo(ExitCode.WRONG_USE);
    assertThat(err.toString()).contains("jdbc:nonsense://db").doesNotContain("topsecret");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "history abc --api-key=k          | 2 | 'abc' is no id: give all 36 characters",
        "history 1-1-1-1-1 --api-key=k    | 2 | '1-1-1-1-1' is no id",
        "history ID                       | 2 | set the environment variable IMPORTS_API_KEY, or"
            + " give --api-key",
        "rebuild --api-key=k --service=there:80   | 2 | such as http://there:80",
        "rebuild --api-key=k --service=ftp://x/   | 2 | --service (or IMPORTS_SERVICE) must be an"
            + " address",
        "rebuild --api-key=k --service=http://localhost:1 | 3 | does not answer: start it, or say"
            + " by --service",
        "verify --url=db:5432/imports     | 2 | --url (or SPRING_DATASOURCE_URL) must be an address"
            + " such as",
        "verify --url=jdbc:postgresql://localhost:1/x | 3 | Say by --url",
        "verify --checkpoint=FOLDER/none --public-key=FOLDER/pub | 3 | --checkpoint: there is no"
            + " file FOLDER/none: take one",
        "verify --checkpoint=FOLDER/pub --public-key=FOLDER/pub  | 3 | --checkpoint: FOLDER/pub is"
            + " no checkpoint",
        "verify --checkpoint=FOLDER/pub --public-key=FOLDER/none | 3 | --public-key: there is no"
            + " file FOLDER/none: make a pair",
        "verify --checkpoint=FOLDER/pub   | 2 | --public-key go together",
        "verify --since-last-checkpoint   | 2 | needs --checkpoint, --log or --topic",
        "checkpoint --private-key=FOLDER/key --first         | 2 | --first needs --log or --topic",
        "checkpoint --private-key=FOLDER/key --log=FOLDER/l --every=1h --first | 2 | takes no"
            + " --every: begin it once by hand",
        "checkpoint --private-key=FOLDER/none     | 3 | --private-key: there is no file"
            + " FOLDER/none",
        "checkpoint --private-key=FOLDER/pub      | 3 | FOLDER/pub holds no PRIVATE KEY",
        "checkpoint --private-key=FOLDER/key --every=1x      | 2 | such as 30s, 15m, 1h or 1d",
        "checkpoint --private-key=FOLDER/key --every=1h      | 2 | --every needs --log or --topic",
        "signing-keys --private-key=FOLDER/new --public-key=FOLDER/pub | 3 | --public-key:"
            + " FOLDER/pub exists already",
        "signing-keys --private-key=FOLDER/key --public-key=FOLDER/new | 3 | --private-key:"
            + " FOLDER/key exists already",
        "verify --pasword=topsecret       | 2 | There is no --pasword here; near to it: --password",
        "verify --pasword topsecret       | 2 | There is no --pasword here; near to it: --password",
        "verify --api-key topsecret       | 2 | There is no --api-key here",
        "keys list topsecret              | 2 | a value too many",
        "history topsecret --api-key=k    | 2 | What was given is no id",
        "rebuild --api-key=k --service=http://me:topsecret@x | 2 | --service (or IMPORTS_SERVICE)"
            + " must be an address",
        "verfy                            | 2 | near to it: verify",
        "keys revoke imp_x                | 2 | never the key itself"
      })
  void what_is_wrong_is_told_in_a_line_with_the_option_and_the_fix(
      String arguments, int exitCode, String told, @TempDir Path folder) {
    run(
        ImportsTool.commandLine(),
        "signing-keys",
        "--private-key=" + folder.resolve("key"),
        "--public-key=" + folder.resolve("pub"));
    String here = folder.toString();
    String id = "019376b2-7d1c-7e5f-9a51-3f0c5d2a9b10";
    String[] all = arguments.replace("FOLDER", here).replace("ID", id).split(" ");
    assertThat(run(ImportsTool.commandLine(), all)).as(err.toString()).isEqualTo(exitCode);
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString())
        .startsWith("imports-tool: ")
        .contains(told.replace("FOLDER", here))
        .doesNotContain("topsecret");
    assertThat(out.toString()).isEmpty();

    String[] forMachines = Arrays.copyOf(all, all.length + 1);
    forMachines[all.length] = "--json";
    err.getBuffer().setLength(0);
    assertThat(run(ImportsTool.commandLine(), forMachines)).isEqualTo(exitCode);
    assertThat(err.toString()).isEmpty();
    JsonNode failure = JsonMapper.shared().readTree(out.toString());
    assertThat(failure.get("ok").booleanValue()).isFalse();
    assertThat(failure.get("exit_code").intValue()).isEqualTo(exitCode);
    assertThat(failure.get("error").stringValue())
        .contains(told.replace("FOLDER", here))
        .doesNotContain("topsecret");
  }

  @Test
  void a_key_that_no_header_may_hold_is_never_repeated() {
    for (String key : new String[] {"top secret", "topsecret\nof two lines", "topsecret\u00e9"}) {
      for (String more : new String[] {"--json", "--projection=imports"}) {
        int exitCode =
            run(
                ImportsTool.commandLine(),
                "rebuild",
                "--service=http://localhost:1",
                "--api-key=" + key,
                more);
        assertThat(exitCode).isEqualTo(ExitCode.WRONG_USE);
      }
    }
    assertThat(out + "" + err).contains("--api-key (or IMPORTS_API_KEY) has a character");
    assertThat(out + "" + err).doesNotContain("secret");
  }

  @Test
  void a_key_of_several_lines_behind_an_unknown_option_is_never_repeated() {
    int exitCode =
        run(ImportsTool.commandLine(), "verify", "--key=-----BEGIN KEY-----\nsecret\n-----END");
    assertThat(exitCode).isEqualTo(ExitCode.WRONG_USE);
    assertThat(err.toString()).contains("There is no --key here").doesNotContain("secret");
  }

  @Test
  void a_key_from_a_file_may_end_with_a_line_feed() {
    assertThat(
            run(
                ImportsTool.commandLine(),
                "rebuild",
                "--service=http://localhost:1",
                "--api-key=topsecret\r\n"))
        .isEqualTo(ExitCode.COULD_NOT_LOOK);
    assertThat(err.toString()).contains("does not answer").doesNotContain("topsecret");
  }

  @Test
  void help_is_a_command_too_and_a_shell_learns_all_commands() {
    assertThat(run(ImportsTool.commandLine(), "help", "verify")).isEqualTo(ExitCode.ALL_IS_WELL);
    assertThat(out.toString()).contains("Usage: imports-tool verify", "--since-last-checkpoint");
    out.getBuffer().setLength(0);
    assertThat(run(ImportsTool.commandLine(), "completion")).isEqualTo(ExitCode.ALL_IS_WELL);
    assertThat(out.toString())
        .contains("complete -F _complete_imports-tool", "signing-keys", "--since-last-checkpoint");
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
