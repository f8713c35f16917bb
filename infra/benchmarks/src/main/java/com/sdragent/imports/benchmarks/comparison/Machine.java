package com.sdragent.imports.benchmarks.comparison;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;

/**
 * On what was measured, and when.
 *
 * @param cores how many processors this machine has
 * @param gigabytes its memory
 * @param processor the model of its processor
 * @param system the operating system
 * @param java the version of the virtual machine
 * @param commit the commit of the service, with a plus sign when sources were changed since
 */
record Machine(
    int cores,
    long gigabytes,
    String processor,
    String system,
    String java,
    LocalDate date,
    String commit) {

  static Machine here() {
    return new Machine(
        Runtime.getRuntime().availableProcessors(),
        Math.round(number("/proc/meminfo", "MemTotal:") / 1024 / 1024),
        value("/proc/cpuinfo", "model name"),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        Runtime.version().toString(),
        LocalDate.now(ZoneOffset.UTC),
        headCommit());
  }

  private static String headCommit() {
    try {
      String commit = Programs.output(List.of("git", "rev-parse", "--short=10", "HEAD")).strip();
      String changes =
          Programs.output(List.of("git", "status", "--porcelain", "-uno", "--", "*.java", "*.sql"));
      return changes.isBlank() ? commit : commit + "+";
    } catch (UncheckedIOException | IllegalStateException e) {
      return "unknown";
    }
  }

  private static double number(String file, String name) {
    String digits = value(file, name).replaceAll("\\D", "");
    return digits.isEmpty() ? 0 : Double.parseDouble(digits);
  }

  private static String value(String file, String name) {
    try {
      return Files.readAllLines(Path.of(file)).stream()
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }
}
