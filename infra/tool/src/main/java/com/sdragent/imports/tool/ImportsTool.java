package com.sdragent.imports.tool;

import com.sdragent.imports.tool.keys.KeysCommand;
import com.sdragent.imports.tool.service.HistoryCommand;
import com.sdragent.imports.tool.service.ParkedCommand;
import com.sdragent.imports.tool.service.RebuildCommand;
import com.sdragent.imports.tool.service.ReplayCommand;
import com.sdragent.imports.tool.terminal.ExitCode;
import com.sdragent.imports.tool.terminal.Printable;
import com.sdragent.imports.tool.verify.CheckpointCommand;
import com.sdragent.imports.tool.verify.SigningKeysCommand;
import com.sdragent.imports.tool.verify.VerifyCommand;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

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
      "1:something wrong was found, or the work could not be done",
      "2:wrong use"
    },
    subcommands = {
      VerifyCommand.class,
      CheckpointCommand.class,
      SigningKeysCommand.class,
      HistoryCommand.class,
      RebuildCommand.class,
      ReplayCommand.class,
      ParkedCommand.class,
      KeysCommand.class
    })
public final class ImportsTool implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  /** Runs the command that the arguments name and ends the process with its exit code. */
  public static void main(String[] args) {
    // Output, questions and requests are the same whatever the machine's language is.
    Locale.setDefault(Locale.ROOT);
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new ImportsTool())
        .setExecutionExceptionHandler((e, command, _) -> failed(e, command.getErr()));
  }

  /** A failure is one line: which database did not answer, which file cannot be read. */
  private static int failed(Exception e, PrintWriter err) {
    String what = e instanceof SQLException ? "The database: " : "";
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    err.println(
        "imports-tool: " + what + Printable.printable(message.replaceAll("\\s+", " ").strip()));
    return ExitCode.FOUND_WRONG;
  }

  @Override
  public void run() {
    CommandSpec root = spec;
    if (root == null) throw new IllegalStateException("picocli sets the spec");
    throw new ParameterException(root.commandLine(), "Say what to do");
  }
}
