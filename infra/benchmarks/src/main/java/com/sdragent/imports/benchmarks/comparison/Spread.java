package com.sdragent.imports.benchmarks.comparison;

import java.util.Collection;

/** What several rounds say of one figure. */
record Spread(double median, double min, double max) {
  /**
   * Sums up some values.
   *
   * @throws IllegalArgumentException when there are none
   */
  static Spread of(Collection<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    if (sorted.length == 0) throw new IllegalArgumentException("No values");
    int half = sorted.length / 2;
    double median = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    return new Spread(median, sorted[0], sorted[sorted.length - 1]);
  }
}
