package com.sdragent.imports.tool.terminal;

/** How a command ends. */
public final class ExitCode {
  /** All is well. */
  public static final int ALL_IS_WELL = 0;

  /** The command looked, and something is wrong. */
  public static final int FOUND_WRONG = 1;

  /** The command was used wrongly; nothing was asked or changed. */
  public static final int WRONG_USE = 2;

  /** The command could not look or not do its work, which says nothing about the store. */
  public static final int COULD_NOT_LOOK = 3;

  private ExitCode() {}
}
