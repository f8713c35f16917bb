package com.sdragent.imports.benchmarks.comparison;

import com.sdragent.imports.benchmarks.load.LoadResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/**
 * PostgreSQL without an application: {@code pgbench} inserts a row of the plain table in each
 * transaction, or reads one by its key.
 */
final class PgbenchContender implements Contender {
  private static final String TABLE =
      """
      create table if not exists plain_import (
        id          uuid        primary key,
        org_id      uuid        not null,
        campaign_id uuid,
        source      text        not null,
        file_name   text,
        status      text        not null,
        total_rows  bigint      not null,
        created_at  timestamptz not null,
        updated_at  timestamptz not null
      );
      create index if not exists plain_import_list
        on plain_import (org_id, created_at desc, id desc);
      insert into plain_import
      select md5(n::text)::uuid, '123e4567-e89b-12d3-a456-426614174000', null, 'salesforce',
             'leads.csv', 'pending', 500, now(), now()
      from generate_series(1, 5000) n
      on conflict do nothing;
      """;
  private static final Map<Figure, String> SCRIPTS =
      Map.of(
          Figure.POST,
          """
          insert into plain_import values (gen_random_uuid(), \
          '123e4567-e89b-12d3-a456-426614174000', null, 'salesforce', 'leads.csv', 'pending', \
          500, now(), now());
          """,
          Figure.GET,
          """
          \\set n random(1, 5000)
          select * from plain_import where id = md5(:n::text)::uuid;
          """);
  private static final Pattern RATE = Pattern.compile("(?m)^tps = ([0-9.]+)");

  private final String jdbcUrl;
  private final LongSupplier postgres;
  private final Path directory;

  /**
   * Describes it without starting anything.
   *
   * @param jdbcUrl the database of its own, on loopback
   * @param directory where it may leave files
   */
  PgbenchContender(String jdbcUrl, LongSupplier postgres, Path directory) {
    this.jdbcUrl = jdbcUrl;
    this.postgres = postgres;
    this.directory = directory;
  }

  @Override
  public String name() {
    return "pgbench";
  }

  @Override
  public String title() {
    return "`pgbench`, one INSERT or SELECT a transaction";
  }

  @Override
  public void start() {
    try (var connection = DriverManager.getConnection(jdbcUrl, "postgres", "");
        var statement = connection.createStatement()) {
      statement.execute(TABLE);
      Files.createDirectories(directory);
      for (var script : SCRIPTS.entrySet()) {
        Files.writeString(script(script.getKey()), script.getValue());
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path script(Figure figure) {
    return directory.resolve(figure + ".sql");
  }

  @Override
  public Set<Figure> figures() {
    return SCRIPTS.keySet();
  }

  @Override
  public LoadResult measure(Figure figure, Duration duration, double perSecond) {
    Matcher url = Pattern.compile(".*:(\\d+)/(.*)").matcher(jdbcUrl);
    if (!url.matches()) throw new IllegalStateException(jdbcUrl);
    Path log = directory.resolve("log");
    var command = new ArrayList<String>();
    Collections.addAll(command, "pgbench", "-n", "-M", "prepared", "-c", "64", "-j", "2");
    Collections.addAll(command, "-T", Long.toString(Math.max(1, duration.toSeconds())));
    Collections.addAll(command, "-f", script(figure).toString());
    Collections.addAll(command, "-l", "--log-prefix=" + log, "--sampling-rate=0.1");
    if (perSecond > 0) Collections.addAll(command, "-R", Long.toString(Math.round(perSecond)));
    Collections.addAll(command, "-h", "localhost", "-p", url.group(1), "-U", "postgres");
    command.add(url.group(2));
    String output = Programs.output(command);
    Matcher rate = RATE.matcher(output);
    if (!rate.find()) throw new IllegalStateException("pgbench: " + output);
    long answered = Math.round(Double.parseDouble(rate.group(1)) * duration.toMillis() / 1000);
    return new LoadResult(duration, answered, List.of(), Map.of(), latencies(log), Duration.ZERO);
  }

  /** Reads and removes the logs, in which the third column is microseconds. */
  private Histogram latencies(Path log) {
    var micros = new Histogram(3);
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        if (!file.getFileName().toString().startsWith(log.getFileName() + ".")) continue;
        for (String line : Files.readAllLines(file)) {
          String[] fields = line.split(" ", -1);
          micros.recordValue(Long.parseLong(fields[2]));
        }
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return micros;
  }

  @Override
  public Map<String, Double> cpuSeconds() {
    return Map.of("PostgreSQL", Processes.cpuSecondsWithChildren(postgres.getAsLong()));
  }

  @Override
  public Map<String, Double> megabytes() {
    return Map.of();
  }

  @Override
  public void close() {}
}
