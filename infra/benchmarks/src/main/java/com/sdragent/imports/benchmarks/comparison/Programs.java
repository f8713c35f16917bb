package com.sdragent.imports.benchmarks.comparison;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** Other programs of this machine. */
final class Programs {
  private Programs() {}

  /**
   * Runs a program and returns all that it says.
   *
   * @throws UncheckedIOException when there is no such program
   * @throws IllegalStateException when it fails
   */
  static String output(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      if (process.waitFor() != 0) throw new IllegalStateException(command + ": " + output);
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted", e);
    }
  }

  /** Whether this command works. */
  static boolean works(String... command) {
    try {
      output(List.of(command));
      return true;
    } catch (UncheckedIOException | IllegalStateException e) {
      return false;
    }
  }
}
