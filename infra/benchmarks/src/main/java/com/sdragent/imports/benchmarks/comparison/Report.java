package com.sdragent.imports.benchmarks.comparison;

import com.sdragent.imports.benchmarks.comparison.Results.Load;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** The results as tables in Markdown, as JSON, and as a chart. */
final class Report {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Results results;
  private final Machine machine;
  private final String how;
  private final List<String> names;

  Report(Results results, Machine machine, String how) {
    this.results = results;
    this.machine = machine;
    this.how = how;
    names = List.copyOf(results.titles.keySet());
  }

  /** Writes {@code comparison.md}, {@code .json} and {@code .svg}. */
  void write(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(
        directory.resolve("comparison.md"),
        "# The service compared with the alternatives\n\n![Rates](comparison.svg)\n\n"
            + markdown());
    Files.writeString(
        directory.resolve("comparison.json"),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json()) + "\n");
    Files.writeString(directory.resolve("comparison.svg"), RateChart.of(results));
  }

  String markdown() {
    var text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%s, commit `%s`, on %d cores (%s), %d GB, %s, Java %s. %s.%n%n",
            machine.date(),
            machine.commit(),
            machine.cores(),
            machine.processor(),
            machine.gigabytes(),
            machine.system(),
            machine.java(),
            how));
    results.titles.forEach((name, title) -> text.append("- **" + name + "**: " + title + "\n"));
    results.leftOut.forEach(
        (name, why) -> text.append("- " + name + " is left out: " + why + "\n"));
    text.append("\n## Answers a second: median (lowest to highest round)\n\n");
    table(text, Load.FULL, samples -> spread(samples.stream().map(Sample::rate).toList()));
    text.append("\n## Ratios of the medians to `" + Results.BASELINE + "`\n\n");
    table(
        text,
        (name, figure) -> {
          Double ratio = results.ratio(name, figure, Results.BASELINE);
          return ratio == null ? null : String.format(Locale.ROOT, "%.2f", ratio);
        });
    ratios(text);
    text.append("\n## At full load: milliseconds, p50 / p99\n\n");
    table(text, Load.FULL, Report::latencies);
    if (names.stream().anyMatch(name -> !results.samples(Load.HALF, name, Figure.GET).isEmpty())) {
      text.append("\n## At half of the maximum: milliseconds since it was due, p50 / p99\n\n");
      table(text, Load.HALF, Report::latencies);
    }
    text.append("\n## Processor time for each answer at full load, in microseconds\n\n");
    table(text, Load.FULL, samples -> rounded(cpu(samples)));
    threads(text);
    notes(text);
    return text.toString();
  }

  /** The ratios that have a goal, beside those to the baseline. */
  private void ratios(StringBuilder text) {
    var rows = new LinkedHashMap<String, @Nullable Double>();
    String service = Results.SERVICE;
    rows.put("POST, to pgbench's INSERT", results.ratio(service, Figure.POST, "pgbench"));
    rows.put("POST, to Axon's own store", results.ratio(service, Figure.POST, "axon"));
    rows.put("POST, to the empty handler", results.ratio(service, Figure.POST, "empty"));
    rows.put("PUT, to POST", results.within(service, Figure.PUT, Figure.POST));
    rows.put("GET by id, to the empty handler", results.ratio(service, Figure.GET, "empty"));
    rows.put(
        "GET by id beside 500 writes/s, to alone",
        results.within(service, Figure.GET_BESIDE_WRITES, Figure.GET));
    rows.put(
        "the same of " + Results.BASELINE,
        results.within(Results.BASELINE, Figure.GET_BESIDE_WRITES, Figure.GET));
    for (Figure figure : Figure.values()) {
      rows.put(
          figure.title() + ", filled, to an empty store",
          results.ratio("service-filled", figure, service));
    }
    rows.values().removeIf(ratio -> ratio == null);
    if (rows.isEmpty()) return;
    text.append("\n| other ratios of the service | |\n| --- | ---: |\n");
    rows.forEach(
        (name, ratio) -> text.append(String.format(Locale.ROOT, "| %s | %.2f |%n", name, ratio)));
  }

  private void threads(StringBuilder text) {
    if (results.threadMicros.isEmpty()) return;
    text.append("\n## Threads of the service, microseconds for each POST\n\n");
    text.append("| threads | |\n| --- | ---: |\n");
    results.threadMicros.entrySet().stream()
        .filter(entry -> entry.getValue() >= 1)
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .limit(16)
        .forEach(
            entry ->
                text.append(
                    String.format(
                        Locale.ROOT, "| `%s` | %.0f |%n", entry.getKey(), entry.getValue())));
  }

  private void notes(StringBuilder text) {
    if (results.notes.isEmpty()) return;
    text.append("\n## Besides\n\n| | | |\n| --- | --- | ---: |\n");
    results.notes.forEach(
        (name, values) ->
            values.forEach(
                (what, value) -> text.append("| " + name + " | " + what + " | " + value + " |\n")));
  }

  private interface Cell {
    @Nullable String of(String name, Figure figure);
  }

  private void table(StringBuilder text, Load load, Function<List<Sample>, String> cell) {
    table(
        text,
        (name, figure) -> {
          List<Sample> samples = results.samples(load, name, figure);
          return samples.isEmpty() ? null : cell.apply(samples);
        });
  }

  private void table(StringBuilder text, Cell cell) {
    text.append("| |");
    for (String name : names) text.append(' ').append(name).append(" |");
    text.append("\n| --- |").append(" ---: |".repeat(names.size())).append('\n');
    for (Figure figure : Figure.values()) {
      var cells = new ArrayList<@Nullable String>();
      for (String name : names) cells.add(cell.of(name, figure));
      if (cells.stream().allMatch(each -> each == null)) continue;
      text.append("| ").append(figure.title()).append(" |");
      for (String each : cells) text.append(' ').append(each == null ? "" : each).append(" |");
      text.append('\n');
    }
  }

  private static String spread(List<Double> values) {
    Spread spread = Spread.of(values);
    return String.format(
        Locale.ROOT, "%,.0f (%,.0f–%,.0f)", spread.median(), spread.min(), spread.max());
  }

  private static String latencies(List<Sample> samples) {
    return String.format(
        Locale.ROOT,
        "%.1f / %.1f",
        Spread.of(samples.stream().map(Sample::p50).toList()).median(),
        Spread.of(samples.stream().map(Sample::p99).toList()).median());
  }

  private static Map<String, Double> cpu(List<Sample> samples) {
    var byProcess = new TreeMap<String, List<Double>>();
    for (Sample sample : samples) {
      sample
          .cpuMicros()
          .forEach(
              (name, micros) ->
                  byProcess.computeIfAbsent(name, _ -> new ArrayList<>()).add(micros));
    }
    var medians = new LinkedHashMap<String, Double>();
    byProcess.forEach((name, micros) -> medians.put(name, Spread.of(micros).median()));
    return medians;
  }

  static String rounded(Map<String, Double> values) {
    return String.join(
        ", ",
        values.entrySet().stream()
            .map(entry -> entry.getKey() + " " + Math.round(entry.getValue()))
            .toList());
  }

  private Map<String, Object> json() {
    var json = new LinkedHashMap<String, Object>();
    json.put("machine", machine);
    json.put("how", how);
    json.put("contenders", results.titles);
    json.put("left_out", results.leftOut);
    var figures = new ArrayList<Map<String, Object>>();
    for (Load load : Load.values()) {
      for (Figure figure : Figure.values()) {
        for (String name : names) {
          List<Sample> samples = results.samples(load, name, figure);
          if (!samples.isEmpty()) figures.add(json(load, figure, name, samples));
        }
      }
    }
    json.put("figures", figures);
    json.put("ratios", results.heldRatios());
    json.put("service_threads_micros_for_each_post", results.threadMicros);
    json.put("besides", results.notes);
    return json;
  }

  private Map<String, Object> json(Load load, Figure figure, String name, List<Sample> samples) {
    var entry = new LinkedHashMap<String, Object>();
    entry.put("contender", name);
    entry.put("figure", figure);
    entry.put("load", load);
    entry.put("rate", results.spread(load, name, figure, Sample::rate));
    entry.put("p50_ms", results.spread(load, name, figure, Sample::p50));
    entry.put("p99_ms", results.spread(load, name, figure, Sample::p99));
    if (load == Load.FULL) {
      entry.put("ratio_to_" + Results.BASELINE, results.ratio(name, figure, Results.BASELINE));
    }
    entry.put("cpu_micros", cpu(samples));
    entry.put("worked_on_seconds", results.spread(load, name, figure, Sample::settledSeconds));
    entry.put("failures", samples.stream().mapToLong(Sample::failures).sum());
    return entry;
  }
}
