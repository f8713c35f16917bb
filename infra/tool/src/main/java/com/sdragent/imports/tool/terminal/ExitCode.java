package com.sdragent.imports.tool.terminal;

/** How a command ends. */
public final class ExitCode {
  /** All is well. */
  public static final int ALL_IS_WELL = 0;

  /** Something wrong was found, or the work could not be done. */
  public static final int FOUND_WRONG = 1;

  /** The command was used wrongly. */
  public static final int WRONG_USE = 2;

  private ExitCode() {}
}
