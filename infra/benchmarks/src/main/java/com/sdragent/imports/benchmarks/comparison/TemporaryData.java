package com.sdragent.imports.benchmarks.comparison;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** Where the contenders keep their data and their output; it is removed unless something failed. */
final class TemporaryData implements AutoCloseable {
  private final Path path;
  private boolean kept = true;

  TemporaryData(Path parent) throws IOException {
    Files.createDirectories(parent);
    path = Files.createTempDirectory(parent, "comparison-data-");
  }

  Path path() {
    return path;
  }

  void nothingFailed() {
    kept = false;
  }

  @Override
  public void close() {
    if (kept) {
      System.out.println("The output of the contenders is kept in " + path);
      return;
    }
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
