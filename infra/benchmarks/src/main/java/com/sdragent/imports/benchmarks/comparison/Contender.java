package com.sdragent.imports.benchmarks.comparison;

import com.sdragent.imports.benchmarks.load.LoadResult;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/** One of those that are compared. */
interface Contender extends AutoCloseable {
  /** The word by which it is chosen, and by which the report refers to it. */
  String name();

  /** What it is, in a few words. */
  String title();

  /** Starts it, waits until it answers, and fills in what the figures need. */
  void start();

  Set<Figure> figures();

  /**
   * Measures a figure.
   *
   * @param perSecond how many requests are due in each second; 0 for as many as are answered
   */
  LoadResult measure(Figure figure, Duration duration, double perSecond);

  /** The processor time of its processes up to now, in seconds, by what they are. */
  Map<String, Double> cpuSeconds();

  /** The memory of its processes, in megabytes, by what they are. */
  Map<String, Double> megabytes();

  @Override
  void close();
}
