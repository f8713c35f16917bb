package com.sdragent.imports.tool.terminal;

import picocli.CommandLine.Option;

/** Whether a machine reads what is printed: a mixin. */
public final class JsonOption {
  /** The option's name, for failures that come before options are read. */
  public static final String NAME = "--json";

  @Option(
      names = NAME,
      description =
          "Prints one JSON value and nothing else, for failures and wrong use as well; one in each"
              + " line with --every")
  private boolean chosen;

  /** Whether it is JSON that is printed. */
  public boolean isChosen() {
    return chosen;
  }
}
