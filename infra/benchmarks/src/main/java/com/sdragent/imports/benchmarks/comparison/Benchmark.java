package com.sdragent.imports.benchmarks.comparison;

import com.sdragent.imports.benchmarks.load.LoadResult;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Starts all contenders, warms each, measures them in turns over several rounds, and reports. Exits
 * with 1 when a ratio has fallen below what was recorded.
 */
@Command(
    name = "benchmark",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Compares the service with the usual ways to do its job.")
public final class Benchmark implements Callable<Integer> {
  private static final double QUIET_CORES = 0.15;
  private static final Duration QUIET_STEP = Duration.ofMillis(500);
  private static final Duration CAUGHT_UP_WITHIN = Duration.ofHours(2);
  private static final Duration QUIET_WITHIN = Duration.ofSeconds(60);

  @Option(
      names = "--preset",
      defaultValue = "FULL",
      description = "How much is measured: ${COMPLETION-CANDIDATES}. Default: FULL.")
  private Preset preset = Preset.FULL;

  @Option(names = "--rounds", description = "How many rounds there are.")
  private @Nullable Integer rounds;

  @Option(names = "--seconds", description = "How long each figure is measured in each round.")
  private @Nullable Integer seconds;

  @Option(names = "--warm-up", description = "Seconds for which each contender is warmed.")
  private @Nullable Integer warmUp;

  @Option(names = "--contenders", split = ",", description = "Who takes part.")
  private @Nullable List<String> chosen;

  @Option(names = "--figures", split = ",", description = "What is measured.")
  private @Nullable List<Figure> figures;

  @Option(
      names = "--rates-only",
      description = "Neither half of the maximum, nor delays, starts and the rebuild.")
  private boolean ratesOnly;

  @Option(
      names = "--filled-events",
      defaultValue = "5000000",
      description = "How many events the contender service-filled has before it is measured.")
  private int filledEvents = 5_000_000;

  @Option(names = "--home", defaultValue = ".", description = "The root of the sources.")
  private Path home = Path.of(".");

  @Option(
      names = "--output",
      description = "Where the report goes. Default: infra/benchmarks/target/comparison.")
  private @Nullable Path output;

  @Option(
      names = "--record",
      description = "Writes to infra/docs/benchmarks, where what is committed is kept.")
  private boolean record;

  @Option(
      names = "--service-option",
      split = ",",
      description = "Options of the virtual machine of the service, to try them.")
  private List<String> serviceOptions = List.of();

  private final Results results = new Results();
  private final List<Contender> contenders = new CopyOnWriteArrayList<>();
  private final PrintStream out = System.out;

  public static void main(String[] args) {
    System.exit(
        new CommandLine(new Benchmark()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    Path root = home.toAbsolutePath().normalize();
    Path recorded = root.resolve("infra/docs/benchmarks");
    Path target = record ? recorded : root.resolve("infra/benchmarks/target/comparison");
    if (output != null) target = output;
    long begun = System.nanoTime();
    try (var data = new TemporaryData(root.resolve("infra/benchmarks/target"))) {
      measure(new Lineup(root, data.path(), serviceOptions, filledEvents));
      data.nothingFailed();
    }
    var report = new Report(results, Machine.here(), describe(begun));
    out.println();
    out.println(report.markdown());
    if (preset == Preset.KEEP_FAST) {
      var keepFast = new KeepFast(recorded.resolve("keep-fast.json"));
      if (record) {
        keepFast.record(results.heldRatios());
        return 0;
      }
      return keepFast.check(results.heldRatios(), out) ? 0 : 1;
    }
    report.write(target);
    out.println("Written to " + root.relativize(target.toAbsolutePath().normalize()));
    return 0;
  }

  private void measure(Lineup lineup) {
    // A comparison that is ended from outside leaves no process behind.
    var stop = new Thread(() -> stop(lineup));
    Runtime.getRuntime().addShutdownHook(stop);
    try {
      begin(lineup);
      warm();
      rounds(Results.Load.FULL);
      if (preset.isComplete() && !ratesOnly) {
        rounds(Results.Load.HALF);
        new Extras(lineup, results, contenders, preset, seconds(), out).measure();
      }
    } finally {
      stop(lineup);
      Runtime.getRuntime().removeShutdownHook(stop);
    }
  }

  private void stop(Lineup lineup) {
    contenders.forEach(Contender::close);
    lineup.close();
  }

  private String describe(long begun) {
    return String.format(
        Locale.ROOT,
        "%d rounds of %d s for each figure, after %d s of warming for each contender, %d"
            + " connections; %d minutes in all",
        rounds(),
        seconds(),
        warmUpSeconds(),
        HttpContender.CONNECTIONS,
        Duration.ofNanos(System.nanoTime() - begun).toMinutes());
  }

  private int rounds() {
    return rounds == null ? preset.rounds : rounds;
  }

  private int seconds() {
    return seconds == null ? preset.seconds : seconds;
  }

  private int warmUpSeconds() {
    return warmUp == null ? preset.warmUpSeconds : warmUp;
  }

  private void begin(Lineup lineup) {
    for (String name : chosen == null ? preset.contenders() : chosen) {
      String missing = Lineup.missing(name);
      if (!missing.isEmpty()) {
        results.leftOut.put(name, missing);
        out.println(name + " is left out: " + missing);
        continue;
      }
      Contender contender = lineup.contender(name);
      out.println("Starting " + name);
      contenders.add(contender);
      contender.start();
      results.titles.put(name, contender.title());
      awaitQuiet(CAUGHT_UP_WITHIN);
    }
  }

  private List<Figure> figuresOf(Contender contender) {
    return contender.figures().stream()
        .filter(
            figure ->
                figures == null ? preset.figures().contains(figure) : figures.contains(figure))
        .sorted()
        .toList();
  }

  /** Each contender alone, all of its figures again and again in slices of a few seconds. */
  private void warm() {
    for (Contender contender : contenders) {
      if (!(contender instanceof HttpContender)) continue;
      long end = System.nanoTime() + Duration.ofSeconds(warmUpSeconds()).toNanos();
      var last = new LinkedHashMap<Figure, Double>();
      while (System.nanoTime() < end) {
        for (Figure figure : figuresOf(contender)) {
          if (System.nanoTime() >= end) break;
          // Writes are what takes longest to get warm.
          Duration slice = Duration.ofSeconds(figure == Figure.POST ? 6 : 2);
          last.put(figure, contender.measure(figure, slice, 0).rate());
        }
      }
      out.printf("Warm: %s %s%n", contender.name(), rounded(last));
      awaitQuiet(QUIET_WITHIN);
    }
  }

  private static String rounded(Map<Figure, Double> rates) {
    var text = new StringBuilder();
    rates.forEach(
        (figure, rate) -> text.append(figure).append(' ').append(Math.round(rate)).append("/s "));
    return text.toString().strip();
  }

  private void rounds(Results.Load load) {
    for (int round = 1; round <= rounds(); round++) {
      out.printf(
          Locale.ROOT,
          "Round %d of %d, %s load%n",
          round,
          rounds(),
          load == Results.Load.FULL ? "full" : "half");
      for (Figure figure : Figure.values()) {
        // Who comes after whom changes from round to round.
        for (Contender contender : round % 2 == 1 ? contenders : contenders.reversed()) {
          if (figuresOf(contender).contains(figure)) measure(load, contender, figure);
        }
      }
    }
  }

  private void measure(Results.Load load, Contender contender, Figure figure) {
    double perSecond = 0;
    if (load == Results.Load.HALF) {
      Spread full = results.rate(contender.name(), figure);
      if (full == null || figure == Figure.GET_BESIDE_WRITES) return;
      perSecond = full.median() / 2;
    }
    Map<String, Double> before = contender.cpuSeconds();
    Map<String, Double> threadsBefore = threads(contender, figure);
    LoadResult result = contender.measure(figure, Duration.ofSeconds(seconds()), perSecond);
    double settled = awaitQuiet(QUIET_WITHIN);
    Map<String, Double> after = new TreeMap<>(contender.cpuSeconds());
    before.forEach((name, cpu) -> after.merge(name, -cpu, Double::sum));
    if (load == Results.Load.FULL) {
      addThreads(threadsBefore, threads(contender, figure), result.answered());
    }
    Sample sample = Sample.of(result, after, settled);
    results.add(load, contender.name(), figure, sample);
    out.printf(
        Locale.ROOT,
        "  %-30s %-8s %,8.0f/s  p50 %.1f  p99 %.1f ms  CPU %s us%s%s%n",
        figure.title(),
        contender.name(),
        sample.rate(),
        sample.p50(),
        sample.p99(),
        Report.rounded(sample.cpuMicros()),
        settled > 1 ? String.format(Locale.ROOT, "  worked on for %.0f s", settled) : "",
        sample.failures() > 0 ? "  FAILED " + result.failures() : "");
  }

  private static Map<String, Double> threads(Contender contender, Figure figure) {
    return figure == Figure.POST
            && contender.name().equals(Results.SERVICE)
            && contender instanceof HttpContender process
        ? Processes.cpuSecondsByThreads(process.pid())
        : Map.of();
  }

  private void addThreads(Map<String, Double> before, Map<String, Double> after, long answered) {
    after.forEach(
        (name, cpu) ->
            results.threadMicros.merge(
                name,
                Math.max(0, cpu - before.getOrDefault(name, 0.0)) * 1e6 / answered / rounds(),
                Double::sum));
  }

  /**
   * Waits until no contender works on what it was sent, so that none takes from the next one's
   * measurement.
   *
   * @return how many seconds that took
   */
  private double awaitQuiet(Duration within) {
    long begun = System.nanoTime();
    double last = cpuOfAll();
    while (System.nanoTime() - begun < within.toNanos()) {
      LockSupport.parkNanos(QUIET_STEP.toNanos());
      double now = cpuOfAll();
      if ((now - last) / QUIET_STEP.toMillis() * 1000 < QUIET_CORES) break;
      last = now;
    }
    return (System.nanoTime() - begun - QUIET_STEP.toNanos()) / 1e9;
  }

  private double cpuOfAll() {
    return contenders.stream()
        .flatMap(contender -> contender.cpuSeconds().values().stream())
        .mapToDouble(Double::doubleValue)
        .sum();
  }
}
