package com.sdragent.imports.tool;

import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The root command. Exit codes: {@value #ALL_IS_WELL} when all is well, {@value #FOUND_WRONG} when
 * something wrong was found or the work could not be done, {@value #WRONG_USE} for wrong use.
 */
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
      ParkedCommand.class
    })
public final class ImportsTool implements Runnable {
  static final int ALL_IS_WELL = 0;
  static final int FOUND_WRONG = 1;
  static final int WRONG_USE = 2;

  /** Control characters, separators of lines, and what turns the direction of writing. */
  private static final Pattern CONTROL =
      Pattern.compile("[\\p{Cc}\\p{Zl}\\p{Zp}\\u202A-\\u202E\\u2066-\\u2069]");

  @Spec private @Nullable CommandSpec spec;

  /** Runs the command that the arguments name and ends the process with its exit code. */
  public static void main(String[] args) {
    // What is printed, asked and sent is the same whatever the machine's language is.
    Locale.setDefault(Locale.ROOT);
    System.exit(commandLine().execute(args));
  }

  /** What somebody else chose, so that it cannot control the terminal or pass for another line. */
  static String printable(String text) {
    return CONTROL.matcher(text).replaceAll("\uFFFD");
  }

  static CommandLine commandLine() {
    return new CommandLine(new ImportsTool())
        .setExecutionExceptionHandler((e, command, _) -> failed(e, command.getErr()));
  }

  /** A failure is one line: which database did not answer, which file cannot be read. */
  private static int failed(Exception e, PrintWriter err) {
    String what = e instanceof SQLException ? "The database: " : "";
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    err.println("imports-tool: " + what + printable(message.replaceAll("\\s+", " ").strip()));
    return FOUND_WRONG;
  }

  @Override
  public void run() {
    CommandSpec root = spec;
    if (root == null) throw new IllegalStateException("picocli sets the spec");
    throw new ParameterException(root.commandLine(), "Say what to do");
  }
}
