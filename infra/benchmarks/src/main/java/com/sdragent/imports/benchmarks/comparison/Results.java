package com.sdragent.imports.benchmarks.comparison;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** All that a comparison found. */
final class Results {
  /** The contender to which the others are compared. */
  static final String BASELINE = "jpa";

  static final String SERVICE = "service";

  /** The names and titles of those that took part, in their order. */
  final Map<String, String> titles = new LinkedHashMap<>();

  /** Why the others did not. */
  final Map<String, String> leftOut = new LinkedHashMap<>();

  /** Other figures by contender, in the order in which they were found, each with its unit. */
  final Map<String, Map<String, String>> notes = new LinkedHashMap<>();

  /** Processor time of the service's threads for each POST, in microseconds, by their names. */
  final Map<String, Double> threadMicros = new TreeMap<>();

  private final Map<Load, Map<String, Map<Figure, List<Sample>>>> samples =
      new EnumMap<>(Load.class);

  /** How hard a contender was pressed. */
  enum Load {
    FULL,
    HALF
  }

  void add(Load load, String contender, Figure figure, Sample sample) {
    samples
        .computeIfAbsent(load, _ -> new LinkedHashMap<>())
        .computeIfAbsent(contender, _ -> new EnumMap<>(Figure.class))
        .computeIfAbsent(figure, _ -> new ArrayList<>())
        .add(sample);
  }

  void note(String contender, String what, String value) {
    notes.computeIfAbsent(contender, _ -> new LinkedHashMap<>()).put(what, value);
  }

  List<Sample> samples(Load load, String contender, Figure figure) {
    return samples
        .getOrDefault(load, Map.of())
        .getOrDefault(contender, Map.of())
        .getOrDefault(figure, List.of());
  }

  /** What the rounds say, or null when the contender has no such figure. */
  @Nullable Spread spread(
      Load load, String contender, Figure figure, ToDoubleFunction<Sample> value) {
    List<Sample> found = samples(load, contender, figure);
    return found.isEmpty() ? null : Spread.of(found.stream().mapToDouble(value).boxed().toList());
  }

  @Nullable Spread rate(String contender, Figure figure) {
    return spread(Load.FULL, contender, figure, Sample::rate);
  }

  /** The median rate as a ratio to another contender's, or null when one has no such figure. */
  @Nullable Double ratio(String contender, Figure figure, String to) {
    Spread own = rate(contender, figure);
    Spread other = rate(to, figure);
    return own == null || other == null || other.median() == 0
        ? null
        : own.median() / other.median();
  }

  /** The median of the ratios to another figure of the same contender in the same round. */
  @Nullable Double within(String contender, Figure figure, Figure to) {
    List<Sample> own = samples(Load.FULL, contender, figure);
    List<Sample> other = samples(Load.FULL, contender, to);
    int rounds = Math.min(own.size(), other.size());
    if (rounds == 0) return null;
    var ratios = new ArrayList<Double>();
    for (int i = 0; i < rounds; i++) ratios.add(own.get(i).rate() / other.get(i).rate());
    return Spread.of(ratios).median();
  }

  /** The ratios that are held by the build: to the baseline, and of reads beside writes. */
  Map<String, Double> heldRatios() {
    var held = new LinkedHashMap<String, Double>();
    for (Figure figure : Figure.values()) {
      Double ratio = ratio(SERVICE, figure, BASELINE);
      if (ratio != null) held.put(figure.title() + ", to " + BASELINE, ratio);
    }
    Double beside = within(SERVICE, Figure.GET_BESIDE_WRITES, Figure.GET);
    if (beside != null) held.put(Figure.GET_BESIDE_WRITES.title() + ", to alone", beside);
    return held;
  }
}
