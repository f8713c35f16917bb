package com.sdragent.imports.benchmarks.comparison;

import com.sdragent.imports.benchmarks.load.LoadGenerator;
import com.sdragent.imports.benchmarks.load.LoadGenerator.Load;
import com.sdragent.imports.benchmarks.load.LoadResult;
import com.sdragent.imports.benchmarks.load.Requests;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A process that has the API of imports. */
final class HttpContender implements Contender {
  static final int CONNECTIONS = 64;

  private static final int IMPORTS = 5_000;
  private static final int WRITING_CONNECTIONS = 64;
  private static final Duration STARTS_WITHIN = Duration.ofMinutes(3);
  private static final String NEW =
      "{\"source\":\"salesforce\",\"file_name\":\"leads.csv\",\"status\":\"pending\","
          + "\"total_rows\":500}";
  private static final String CHANGED = "{\"total_rows\":" + "#".repeat(9) + "}";
  private static final Pattern ID = Pattern.compile("\"id\":\"([0-9a-f-]{36})\"");

  private final String name;
  private final String title;
  private final List<String> command;
  private final int port;
  private final List<String> headers;
  private final Set<Figure> figures;
  private final LongSupplier postgres;
  private final Path output;

  private final List<String> ids = new ArrayList<>();
  private final Map<Figure, Requests> requests = new HashMap<>();
  private Runnable whenStarted = () -> {};
  private volatile @Nullable Process process;

  /**
   * Describes a process without starting it.
   *
   * @param command what starts it
   * @param port the port of loopback on which it will listen
   * @param headers what each of its requests carries besides
   * @param postgres tells the process of the PostgreSQL that it uses; 0 for none
   * @param output the file to which its output is appended
   */
  HttpContender(
      String name,
      String title,
      List<String> command,
      int port,
      List<String> headers,
      Set<Figure> figures,
      LongSupplier postgres,
      Path output) {
    this.name = name;
    this.title = title;
    this.command = command;
    this.port = port;
    this.headers = headers;
    this.figures = figures;
    this.postgres = postgres;
    this.output = output;
  }

  /**
   * The command that runs an executable jar as the service's documentation advises for a small
   * machine: half a gigabyte of heap and the serial collector, for every contender.
   */
  static List<String> java(Path jar, List<String> jvm, Map<String, String> settings) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx512m");
    command.add("-XX:+UseSerialGC");
    command.addAll(jvm);
    command.add("-jar");
    command.add(jar.toString());
    new TreeMap<>(settings).forEach((key, value) -> command.add("--" + key + "=" + value));
    return command;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String title() {
    return title;
  }

  int port() {
    return port;
  }

  List<String> headers() {
    return headers;
  }

  long pid() {
    return running().pid();
  }

  @Override
  public Set<Figure> figures() {
    return figures;
  }

  /** Does something before what is measured is created. */
  HttpContender whenStarted(Runnable action) {
    whenStarted = action;
    return this;
  }

  @Override
  public void start() {
    startProcess();
    whenStarted.run();
    seed();
  }

  /** Starts the process and returns after how long it created its first import. */
  Duration startProcess() {
    long begun = System.nanoTime();
    try {
      Files.createDirectories(output.toAbsolutePath().getParent());
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(Redirect.appendTo(output.toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    while (System.nanoTime() - begun < STARTS_WITHIN.toNanos() && running().isAlive()) {
      if (answers()) return Duration.ofNanos(System.nanoTime() - begun);
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
    close();
    throw new IllegalStateException(name + " does not answer: see " + output);
  }

  private boolean answers() {
    try {
      var one = new Load(port, 1, Duration.ofSeconds(10), 0, 1);
      return LoadGenerator.run(one, create()).answered() == 1;
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  /** Creates what is read and changed afterwards. */
  private void seed() {
    var load = new Load(port, CONNECTIONS, Duration.ofMinutes(5), 0, IMPORTS);
    LoadGenerator.run(
        load,
        create(),
        body -> {
          Matcher id = ID.matcher(body);
          if (id.find()) ids.add(id.group(1));
        });
    if (ids.size() < IMPORTS) {
      throw new IllegalStateException(
          name + " created " + ids.size() + " of " + IMPORTS + " imports: see " + output);
    }
    awaitReadable(ids.getLast());
    requests.put(Figure.POST, create());
    requests.put(Figure.PUT, each(id -> request("PUT", "/imports/" + id, CHANGED)));
    requests.put(Figure.GET, each(id -> request("GET", "/imports/" + id, "")));
    requests.put(Figure.GET_BESIDE_WRITES, each(id -> request("GET", "/imports/" + id, "")));
    requests.put(Figure.LIST, Requests.anyOf(List.of(request("GET", "/imports/?limit=50", ""))));
    requests.put(Figure.SUMMARY, Requests.anyOf(List.of(request("GET", "/imports/summary", ""))));
    requests.put(
        Figure.FEED,
        Requests.anyOf(
            IntStream.range(0, IMPORTS - 50)
                .mapToObj(after -> request("GET", "/events?limit=50&after=" + after, ""))
                .toList()));
  }

  /** Where reads follow writes later, nothing is measured before they have. */
  private void awaitReadable(String id) {
    Requests get = Requests.anyOf(List.of(request("GET", "/imports/" + id, "")));
    var one = new Load(port, 1, Duration.ofSeconds(10), 0, 1);
    long end = System.nanoTime() + STARTS_WITHIN.toNanos();
    while (LoadGenerator.run(one, get).answered() == 0) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(name + " does not show what it created: see " + output);
      }
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    }
  }

  private Requests each(Function<String, byte[]> request) {
    return Requests.anyOf(ids.stream().map(request).toList());
  }

  private Requests create() {
    return Requests.anyOf(List.of(request("POST", "/imports/", NEW)));
  }

  private byte[] request(String method, String path, String body) {
    return Requests.bytes(method, path, headers, body);
  }

  @Override
  public LoadResult measure(Figure figure, Duration duration, double perSecond) {
    Requests chosen = requests.get(figure);
    if (chosen == null) throw new IllegalArgumentException(name + " has no " + figure);
    var load = new Load(port, CONNECTIONS, duration, perSecond, Long.MAX_VALUE);
    if (figure != Figure.GET_BESIDE_WRITES) return LoadGenerator.run(load, chosen);

    var writes = new Load(port, WRITING_CONNECTIONS, duration, Figure.WRITES, Long.MAX_VALUE);
    var writing =
        CompletableFuture.supplyAsync(() -> LoadGenerator.run(writes, create()), Delays::start);
    LoadResult reads = LoadGenerator.run(load, chosen);
    double written = writing.join().rate();
    if (written < 0.9 * Figure.WRITES) {
      System.out.printf(Locale.ROOT, "  %s: only %.0f writes/s went on beside%n", name, written);
    }
    return reads;
  }

  @Override
  public Map<String, Double> cpuSeconds() {
    var seconds = new TreeMap<>(Map.of(name, Processes.cpuSeconds(pid())));
    if (process == null) return seconds;
    for (long child : Processes.children(pid())) {
      if (child != postgres.getAsLong()) {
        seconds.merge(name, Processes.cpuSeconds(child), Double::sum);
      }
    }
    if (postgres.getAsLong() != 0) {
      seconds.put("PostgreSQL", Processes.cpuSecondsWithChildren(postgres.getAsLong()));
    }
    return seconds;
  }

  @Override
  public Map<String, Double> megabytes() {
    var megabytes = new TreeMap<>(Map.of(name, Processes.residentMegabytes(pid())));
    if (postgres.getAsLong() != 0) {
      megabytes.put("PostgreSQL", Processes.residentMegabytesWithChildren(postgres.getAsLong()));
    }
    return megabytes;
  }

  private Process running() {
    if (process == null) throw new IllegalStateException(name + " was not started");
    return process;
  }

  @Override
  public synchronized void close() {
    Process ending = process;
    if (ending == null) return;
    process = null;
    ending.destroy();
    try {
      if (!ending.waitFor(60, TimeUnit.SECONDS)) ending.destroyForcibly().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
