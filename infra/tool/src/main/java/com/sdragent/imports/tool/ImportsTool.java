package com.sdragent.imports.tool;

import com.sdragent.imports.tool.keys.KeysCommand;
import com.sdragent.imports.tool.service.HistoryCommand;
import com.sdragent.imports.tool.service.ParkedCommand;
import com.sdragent.imports.tool.service.RebuildCommand;
import com.sdragent.imports.tool.service.ReplayCommand;
import com.sdragent.imports.tool.terminal.ExitCode;
import com.sdragent.imports.tool.terminal.Identifier;
import com.sdragent.imports.tool.terminal.JsonOption;
import com.sdragent.imports.tool.terminal.Printable;
import com.sdragent.imports.tool.verify.CheckpointCommand;
import com.sdragent.imports.tool.verify.SigningKeysCommand;
import com.sdragent.imports.tool.verify.StoreOptions;
import com.sdragent.imports.tool.verify.VerifyCommand;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Collectors;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The root command. It ends with an {@link ExitCode}. */
@Command(
    name = "imports-tool",
    description = "What an operator or an auditor of the imports service does from a terminal.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    version = "imports-tool 1.0",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all is well",
      "1:something wrong was found, such as a past that was tampered with",
      "2:wrong use; nothing was asked or changed",
      "3:could not look, or not do it; that says nothing about the store"
    },
    subcommands = {
      VerifyCommand.class,
      CheckpointCommand.class,
      SigningKeysCommand.class,
      HistoryCommand.class,
      RebuildCommand.class,
      ReplayCommand.class,
      ParkedCommand.class,
      KeysCommand.class,
      HelpCommand.class
    })
public final class ImportsTool implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  /** Runs the command that the arguments name and ends the process with its exit code. */
  public static void main(String[] args) {
    // Output, questions and requests are the same whatever the machine's language is.
    Locale.setDefault(Locale.ROOT);
    // Nobody reads the log of Kafka's client, nor that it goes nowhere.
    System.setProperty("slf4j.internal.verbosity", "ERROR");
    int exitCode = ExitCode.COULD_NOT_LOOK;
    try {
      exitCode = commandLine().execute(args);
    } catch (Error e) {
      // Java would end with 1, as if something had been found.
      System.err.println("imports-tool: " + e);
    }
    System.exit(exitCode);
  }

  static CommandLine commandLine() {
    var tool = new CommandLine(new ImportsTool());
    var completion = new CommandLine(new GenerateCompletion());
    completion
        .getCommandSpec()
        .usageMessage()
        .description(
            "Prints what a shell needs to complete commands and options:",
            "source <(imports-tool completion), in bash and zsh.");
    return tool.addSubcommand("completion", completion)
        .registerConverter(UUID.class, new Identifier())
        .setParameterExceptionHandler(ImportsTool::wrong)
        .setExecutionExceptionHandler(
            (e, command, parsed) ->
                fail(ExitCode.COULD_NOT_LOOK, message(e), command, parsed.originalArgs()));
  }

  /** A failure is one line: which database did not answer, which file cannot be read. */
  private static String message(Exception e) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    if (e instanceof SQLException failure) {
      return "The database: " + message + StoreOptions.remedy(failure);
    }
    if (e instanceof JacksonException) {
      return "The service answers in another form than this tool reads: use the tool of the"
          + " service's version";
    }
    return message;
  }

  private static int wrong(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    String message = String.valueOf(e.getMessage());
    if (e instanceof UnmatchedArgumentException unmatched) {
      // What is no option's name may be a secret, behind one or by itself.
      String names =
          unmatched.getUnmatched().stream()
              .filter(argument -> argument.startsWith("--"))
              .map(argument -> argument.replaceFirst("(?s)[^a-z-].*", ""))
              .collect(Collectors.joining(" "));
      message =
          names.isEmpty()
              ? "There is a command that is none, or a value too many"
              : "There is no " + names + " here";
      List<String> near = unmatched.getSuggestions();
      if (!near.isEmpty()) message += "; near to it: " + String.join(", ", near);
    }
    message += ". Try '" + command.getCommandSpec().qualifiedName() + " --help'";
    return fail(ExitCode.WRONG_USE, message, command, Arrays.asList(arguments));
  }

  private static int fail(int exitCode, String text, CommandLine command, List<String> arguments) {
    String message = Printable.printable(text.replaceAll("\\s+", " ").strip());
    if (arguments.contains(JsonOption.NAME)) {
      PrintWriter out = command.getOut();
      out.println(
          JsonMapper.shared()
              .createObjectNode()
              .put("ok", false)
              .put("exit_code", exitCode)
              .put("error", message));
      out.flush();
    } else {
      command.getErr().println("imports-tool: " + message);
    }
    return exitCode;
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "Say what to do: "
            + spec.subcommands().entrySet().stream()
                .filter(command -> !command.getValue().getCommandSpec().helpCommand())
                .map(java.util.Map.Entry::getKey)
                .collect(Collectors.joining(", ")));
  }
}
