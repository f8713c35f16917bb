package com.sdragent.imports.benchmarks.comparison;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** How much is measured. */
enum Preset {
  /** What the committed table is made of. */
  FULL(5, 10, 300),
  /** Everything once or twice, on contenders that are hardly warm: to see whether it works. */
  SHORT(2, 3, 15),
  /** What a build compares with what was recorded. */
  KEEP_FAST(3, 5, 60);

  final int rounds;
  final int seconds;
  final int warmUpSeconds;

  Preset(int rounds, int seconds, int warmUpSeconds) {
    this.rounds = rounds;
    this.seconds = seconds;
    this.warmUpSeconds = warmUpSeconds;
  }

  List<String> contenders() {
    return this == KEEP_FAST ? List.of(Results.BASELINE, Results.SERVICE) : Lineup.NAMES;
  }

  Set<Figure> figures() {
    return this == KEEP_FAST
        ? EnumSet.of(Figure.POST, Figure.PUT, Figure.GET, Figure.GET_BESIDE_WRITES, Figure.LIST)
        : EnumSet.allOf(Figure.class);
  }

  /** How often a process is started to see how long that takes. */
  int starts() {
    return this == FULL ? 3 : 1;
  }

  /** At which seconds of load on a new process its rate is looked at. */
  List<Integer> secondsOfFirstMinute() {
    return this == FULL ? List.of(5, 15, 30, 60) : List.of(5, 15);
  }

  /** Whether more than rates is measured: half of the maximum, delays, starts, a rebuild. */
  boolean isComplete() {
    return this != KEEP_FAST;
  }
}
