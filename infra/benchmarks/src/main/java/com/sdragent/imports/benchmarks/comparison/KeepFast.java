package com.sdragent.imports.benchmarks.comparison;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Ratios that were recorded by the same short run, below which the service must not fall. */
final class KeepFast {
  /** The share of a recorded ratio that is enough: rounds on a shared machine differ. */
  private static final double ENOUGH = 0.8;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path file;

  KeepFast(Path file) {
    this.file = file;
  }

  void record(Map<String, Double> ratios) throws IOException {
    var rounded = new TreeMap<String, Double>();
    ratios.forEach((name, ratio) -> rounded.put(name, Math.round(ratio * 100) / 100.0));
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(
        file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(rounded) + "\n");
  }

  /**
   * Compares with what was recorded, and tells the outcome.
   *
   * @return whether every recorded ratio was measured and is at most a fifth below the record
   */
  boolean check(Map<String, Double> ratios, PrintStream out) throws IOException {
    if (!Files.exists(file)) {
      out.println("There is no " + file + " yet: -Dbenchmark.arguments=--record writes it");
      return false;
    }
    boolean fast = true;
    for (Map.Entry<String, JsonNode> recorded :
        JSON.readTree(Files.readString(file)).properties()) {
      double wanted = recorded.getValue().doubleValue();
      double found = ratios.getOrDefault(recorded.getKey(), 0.0);
      boolean enough = found >= ENOUGH * wanted;
      out.printf(
          Locale.ROOT,
          "%-48s %.2f, recorded %.2f%s%n",
          recorded.getKey(),
          found,
          wanted,
          enough ? "" : "  TOO SLOW: less than " + ENOUGH + " of it");
      fast &= enough;
    }
    return fast;
  }
}
