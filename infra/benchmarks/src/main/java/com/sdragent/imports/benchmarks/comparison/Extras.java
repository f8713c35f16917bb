package com.sdragent.imports.benchmarks.comparison;

import com.sdragent.imports.benchmarks.ImportsClient;
import com.sdragent.imports.benchmarks.load.LoadResult;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;
import tools.jackson.databind.JsonNode;

/** What is measured once, after the rounds. */
final class Extras {
  private static final Pattern WRK_RATE = Pattern.compile("Requests/sec:\\s*([0-9.]+)");

  private final Lineup lineup;
  private final Results results;
  private final List<Contender> contenders;
  private final Preset preset;
  private final int seconds;
  private final PrintStream out;

  /**
   * Measures the contenders that are running.
   *
   * @param seconds how long a figure is measured at a time
   */
  Extras(
      Lineup lineup,
      Results results,
      List<Contender> contenders,
      Preset preset,
      int seconds,
      PrintStream out) {
    this.lineup = lineup;
    this.results = results;
    this.contenders = contenders;
    this.preset = preset;
    this.seconds = seconds;
    this.out = out;
  }

  /** Measures all there is, and leaves no contender running. */
  void measure() {
    memory();
    running("empty").ifPresent(this::generator);
    running(Results.SERVICE)
        .ifPresent(
            service -> {
              delays(service);
              rebuild(service);
            });
    contenders.forEach(Contender::close);
    running(Results.BASELINE).ifPresent(this::startsAndFirstMinute);
    running(Results.SERVICE)
        .ifPresent(
            service -> {
              startsAndFirstMinute(service);
              service.startProcess();
              starts(lineup.commandNode(), false);
              service.close();
            });
  }

  private Optional<HttpContender> running(String name) {
    return contenders.stream()
        .filter(contender -> contender.name().equals(name))
        .map(HttpContender.class::cast)
        .findFirst();
  }

  private void note(String contender, String what, String value) {
    out.println("  " + contender + ": " + what + " " + value);
    results.note(contender, what, value);
  }

  private void memory() {
    for (Contender contender : contenders) {
      contender
          .megabytes()
          .forEach(
              (process, megabytes) ->
                  note(
                      contender.name(),
                      "memory of " + process + " after all rounds",
                      String.format(Locale.ROOT, "%.0f MB", megabytes)));
    }
  }

  /** What the generator does at most, beside a program that many know. */
  private void generator(HttpContender empty) {
    if (!Programs.works("which", "wrk")) return;
    var own = new ArrayList<Double>();
    var wrk = new ArrayList<Double>();
    String url =
        "http://127.0.0.1:" + empty.port() + "/imports/7c9e6679-7425-40de-944b-e07fc1f90ae7";
    for (int i = 0; i < 3; i++) {
      own.add(empty.measure(Figure.GET, Duration.ofSeconds(seconds), 0).rate());
      Matcher rate =
          WRK_RATE.matcher(
              Programs.output(List.of("wrk", "-t1", "-c64", "-d" + seconds + "s", url)));
      if (rate.find()) wrk.add(Double.parseDouble(rate.group(1)));
    }
    note(
        "generator",
        "GET of the empty handler",
        String.format(Locale.ROOT, "%,.0f/s", Spread.of(own).median()));
    note(
        "wrk",
        "GET of the empty handler, one thread",
        String.format(Locale.ROOT, "%,.0f/s", Spread.of(wrk).median()));
  }

  private void delays(HttpContender service) {
    Spread full = results.rate(Results.SERVICE, Figure.POST);
    if (full == null) return;
    var delays =
        new Delays(
            "http://127.0.0.1:" + service.port(),
            Lineup.key(),
            lineup.kafkaServers(),
            () ->
                service.measure(Figure.POST, Duration.ofSeconds(6L * seconds), full.median() / 2));
    note(
        Results.SERVICE,
        "from the answer of a POST to the list that has it, at half of the maximum, p50 / p99",
        percentiles(delays.visible));
    note(
        Results.SERVICE,
        "from the answer of a POST to its event in Kafka, at half of the maximum, p50 / p99",
        percentiles(delays.published));
    if (delays.unpublished() > 0) {
      note(Results.SERVICE, "NEVER PUBLISHED", Long.toString(delays.unpublished()));
    }
  }

  private static String percentiles(Histogram micros) {
    return String.format(
        Locale.ROOT,
        "%.1f / %.1f ms",
        micros.getValueAtPercentile(50) / 1000.0,
        micros.getValueAtPercentile(99) / 1000.0);
  }

  private void rebuild(HttpContender service) {
    String url = "http://127.0.0.1:" + service.port() + "/admin/projections/imports/rebuild";
    try (var client = new ImportsClient(Lineup.key(), 1)) {
      client.send("POST", url, null);
      JsonNode state;
      do {
        LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        state = client.send("GET", url, null).json();
      } while (state.get("state").stringValue().equals("running"));
      long events = state.get("events_total").longValue();
      double lasted =
          Duration.between(time(state, "started_at"), time(state, "finished_at")).toMillis() / 1e3;
      note(
          Results.SERVICE,
          String.format(
              Locale.ROOT, "rebuild of %,d events, %s", events, state.get("state").stringValue()),
          String.format(Locale.ROOT, "%,.0f events/s", events / lasted));
    }
  }

  private static Instant time(JsonNode state, String name) {
    return Instant.parse(state.get(name).stringValue());
  }

  private void startsAndFirstMinute(HttpContender contender) {
    starts(contender, true);
    Spread warm = results.rate(contender.name(), Figure.POST);
    int last = preset.secondsOfFirstMinute().getLast();
    LoadResult minute = contender.measure(Figure.POST, Duration.ofSeconds(last), 0);
    contender.close();
    if (warm == null) return;
    for (int second : preset.secondsOfFirstMinute()) {
      // The mean of three seconds, as a single one is noisy.
      double rate =
          minute.eachSecond().subList(second - 3, second).stream()
              .mapToLong(Long::longValue)
              .average()
              .orElse(0);
      note(
          contender.name(),
          "share of the warm rate of POST after " + second + " s of load on a new process",
          String.format(Locale.ROOT, "%.0f %%", 100 * rate / warm.median()));
    }
  }

  private void starts(HttpContender contender, boolean staysAtTheEnd) {
    var starts = new ArrayList<Double>();
    for (int i = 0; i < preset.starts(); i++) {
      if (i > 0) contender.close();
      starts.add(contender.startProcess().toMillis() / 1e3);
    }
    if (!staysAtTheEnd) contender.close();
    Spread spread = Spread.of(starts);
    note(
        contender.name(),
        "start to the first answer of a POST, on data that is there",
        String.format(
            Locale.ROOT, "%.1f s (%.1f–%.1f)", spread.median(), spread.min(), spread.max()));
  }
}
