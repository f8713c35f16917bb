package com.sdragent.imports.benchmarks.comparison;

import com.sdragent.imports.benchmarks.load.LoadResult;
import java.util.Map;
import java.util.TreeMap;

/**
 * One round of one figure.
 *
 * @param rate answers a second
 * @param p50 milliseconds that half of the answers took at most
 * @param p99 milliseconds that all but one in a hundred took at most
 * @param failures answers that were none of 2xx, and connections that broke
 * @param cpuMicros the processor time that each answer cost, by process, in microseconds
 * @param settledSeconds how long the processes went on working afterwards
 */
record Sample(
    double rate,
    double p50,
    double p99,
    long failures,
    Map<String, Double> cpuMicros,
    double settledSeconds) {

  static Sample of(LoadResult result, Map<String, Double> cpuSeconds, double settledSeconds) {
    var micros = new TreeMap<String, Double>();
    long count = Math.max(1, result.answered());
    cpuSeconds.forEach((name, seconds) -> micros.put(name, seconds * 1e6 / count));
    if (!result.generatorCpu().isZero()) {
      micros.put("generator", result.generatorCpu().toNanos() / 1e3 / count);
    }
    return new Sample(
        result.rate(),
        result.millis(50),
        result.millis(99),
        result.failures().values().stream().mapToLong(Long::longValue).sum(),
        micros,
        settledSeconds);
  }
}
