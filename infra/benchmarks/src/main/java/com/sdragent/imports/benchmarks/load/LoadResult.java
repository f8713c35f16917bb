package com.sdragent.imports.benchmarks.load;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What became of a load.
 *
 * @param duration how long requests were sent
 * @param answered how many were answered by a status of 2xx meanwhile
 * @param eachSecond how many of these came in each second
 * @param failures how many came to nothing, by their status; 0 for a connection that broke
 * @param micros how long answers took, in microseconds: since the request was sent, or in a load of
 *     a given rate since it was due
 * @param generatorCpu the processor time of the generator
 */
public record LoadResult(
    Duration duration,
    long answered,
    List<Long> eachSecond,
    Map<Integer, Long> failures,
    Histogram micros,
    Duration generatorCpu) {

  /** Answers a second. */
  public double rate() {
    return answered * 1e9 / duration.toNanos();
  }

  /** How many milliseconds this share of the answers took at most. */
  public double millis(double percentile) {
    return micros.getValueAtPercentile(percentile) / 1000.0;
  }
}
