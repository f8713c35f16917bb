package com.sdragent.imports.embedded;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server of this process's own, on loopback, whose commits survive a crash: it refuses
 * to run with {@code fsync} or {@code synchronous_commit} off. Its superuser {@code postgres} is
 * trusted, and so are {@code imports_service}, which may do what the service needs and no more, and
 * {@code imports_reads}, which sees what requests may see.
 */
public final class DurablePostgres implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DurablePostgres.class);
  private static final String DATABASE = "imports";
  private static final String SERVICE_ROLE = "imports_service";
  private static final String READS_ROLE = "imports_reads";
  private static final String PORT_PROPERTY = "imports.standalone.postgres-port";

  private static final Duration START_KNOWN_WITHIN = Duration.ofSeconds(5);

  private final EmbeddedPostgres server;

  private DurablePostgres(EmbeddedPostgres server) {
    this.server = server;
  }

  /**
   * Starts the server on the data below the directory, which are created if there are none.
   *
   * @param port the port on loopback; 0 for any that is free
   * @throws ServerStartException when it cannot run there
   */
  public static DurablePostgres start(DataDirectory directory, int port) {
    Path data = directory.plain("postgres");
    stopLeftBehind(data);
    disownNumber(data);
    int free = Ports.free(port, PORT_PROPERTY);
    Path output = directory.resolve("postgres.log");
    Path programs = directory.programs("postgres-binaries");
    if (!Files.exists(programs)) log.info("Unpacking PostgreSQL into {} …", programs);
    if (!Files.exists(data.resolve("PG_VERSION"))) log.info("Making a database in {} …", data);
    EmbeddedPostgres server;
    try {
      server =
          EmbeddedPostgres.builder()
              .setDataDirectory(data)
              .setCleanDataDirectory(false)
              // Its own hook would stop it while the application still finishes its work.
              .setRegisterShutdownHook(false)
              .setOverrideWorkingDirectory(programs.toFile())
              // The environment may name a locale that this machine does not have.
              .setLocaleConfig("locale", "C")
              .setLocaleConfig("locale-provider", "builtin")
              .setLocaleConfig("builtin-locale", "C.UTF-8")
              .setPort(free)
              .setPGStartupWait(Duration.ofSeconds(60))
              .setOutputRedirector(Redirect.appendTo(output.toFile()))
              .setErrorRedirector(Redirect.appendTo(output.toFile()))
              .setServerConfig("fsync", "on")
              .setServerConfig("synchronous_commit", "on")
              .setServerConfig("full_page_writes", "on")
              .setServerConfig("listen_addresses", "localhost")
              // A socket in /tmp has a lock file with a number that may be another process's.
              .setServerConfig("unix_socket_directories", "")
              .setServerConfig("max_connections", "200")
              .setServerConfig("shared_buffers", "256MB")
              .setServerConfig("max_wal_size", "2GB")
              .setServerConfig("checkpoint_timeout", "15min")
              .start();
    } catch (IOException | IllegalStateException e) {
      throw directory.refused(
          "PostgreSQL did not start on port %s: see %s".formatted(free, output), e);
    }
    try {
      requireOwn(server, data);
      createDatabase(server);
      createRoles(server);
      requireDurable(server, data);
      return new DurablePostgres(server);
    } catch (SQLException e) {
      close(server);
      throw directory.refused(
          "PostgreSQL started on port %s but does not answer: see %s".formatted(free, output), e);
    } catch (ServerStartException e) {
      close(server);
      throw e;
    }
  }

  /** The address of the database {@code imports}. */
  public String jdbcUrl() {
    return "jdbc:postgresql://localhost:" + server.getPort() + "/" + DATABASE;
  }

  @Override
  public void close() {
    close(server);
  }

  /**
   * Stops a server that has outlived a killed process: it holds the port and the data, so it has to
   * go.
   */
  private static void stopLeftBehind(Path data) {
    try {
      ProcessHandle process = leftBehind(data).orElse(null);
      if (process == null) return;
      log.info("Stopping the PostgreSQL server that a crash left behind");
      // SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for clients that are gone.
      int refused =
          new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
      if (refused != 0 && process.isAlive()) throw doesNotStop(data, null);
      process.onExit().get(30, TimeUnit.SECONDS);
    } catch (IOException | NumberFormatException | ExecutionException e) {
      log.debug("No server was left behind", e);
    } catch (TimeoutException e) {
      throw doesNotStop(data, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * The server that still runs on these data. Its number alone may by now be another process's: it
   * must have been started on these data or, where that is unknown, at the time that the file gives
   * (its third line, in seconds since 1970).
   */
  static Optional<ProcessHandle> leftBehind(Path data) throws IOException {
    List<String> lines = pidFile(data);
    if (lines.size() < 3) return Optional.empty();
    long pid = Long.parseLong(lines.getFirst().strip());
    Instant started = Instant.ofEpochSecond(Long.parseLong(lines.get(2).strip()));
    return ProcessHandle.of(pid)
        .filter(process -> process.info().command().orElse("").contains("postgres"))
        .filter(process -> isOn(process, data).orElseGet(() -> wasStartedAt(process, started)));
  }

  /** Whether these are the data that the process was told to serve. */
  private static Optional<Boolean> isOn(ProcessHandle process, Path data) {
    List<String> arguments = List.of(process.info().arguments().orElse(new String[0]));
    int option = arguments.indexOf("-D");
    if (option < 0 || option + 1 == arguments.size()) return Optional.empty();
    try {
      return Optional.of(Files.isSameFile(Path.of(arguments.get(option + 1)), data));
    } catch (IOException | InvalidPathException e) {
      return Optional.empty(); // The data were moved, or a link to them is gone.
    }
  }

  private static boolean wasStartedAt(ProcessHandle process, Instant time) {
    return process
        .info()
        .startInstant()
        .map(start -> Duration.between(start, time).abs())
        .filter(apart -> apart.compareTo(START_KNOWN_WITHIN) <= 0)
        .isPresent();
  }

  /**
   * PostgreSQL does not start while any process has the number in its file. This process holds the
   * directory, so the number belongs to no server. PostgreSQL ignores the number of the process
   * that starts it; the other lines stay, by which it finds parts of the old server that still run.
   */
  private static void disownNumber(Path data) {
    Path file = data.resolve("postmaster.pid");
    try {
      List<String> lines = new ArrayList<>(pidFile(data));
      if (lines.isEmpty()) {
        Files.deleteIfExists(file);
        return;
      }
      lines.set(0, Long.toString(ProcessHandle.current().pid()));
      Files.write(file, lines, ISO_8859_1);
    } catch (IOException e) {
      throw new ServerStartException("%s cannot be written: make it writable".formatted(file), e);
    }
  }

  private static List<String> pidFile(Path data) throws IOException {
    Path file = data.resolve("postmaster.pid");
    return Files.exists(file) ? Files.readAllLines(file, ISO_8859_1) : List.of();
  }

  private static ServerStartException doesNotStop(Path data, @Nullable Exception cause) {
    return new ServerStartException(
        "A PostgreSQL server that a crash left behind in %s does not stop: stop it by hand"
            .formatted(data),
        cause);
  }

  private static void requireOwn(EmbeddedPostgres server, Path data) throws SQLException {
    Path actual = Path.of(show(server, "postgres", "data_directory"));
    try {
      if (!Files.isSameFile(actual, data)) {
        throw new ServerStartException(
            "Port %s belongs to another PostgreSQL, of %s: stop it, or set %s"
                .formatted(server.getPort(), actual, PORT_PROPERTY));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void requireDurable(EmbeddedPostgres server, Path data) throws SQLException {
    for (String setting : new String[] {"fsync", "synchronous_commit"}) {
      if (!show(server, DATABASE, setting).equals("on")) {
        throw new ServerStartException(
            "PostgreSQL runs with %s off, so a crash could lose what was answered: take the setting back (alter database or alter system) in %s"
                .formatted(setting, data));
      }
    }
  }

  private static String show(EmbeddedPostgres server, String database, String setting)
      throws SQLException {
    try (Connection connection = server.getDatabase("postgres", database).getConnection();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("show " + setting)) {
      result.next();
      return result.getString(1);
    }
  }

  private static void createDatabase(EmbeddedPostgres server) throws SQLException {
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement();
        ResultSet present =
            statement.executeQuery("select 1 from pg_database where datname = 'imports'")) {
      if (!present.next()) {
        try (Statement create = connection.createStatement()) {
          create.execute("create database imports");
        }
      }
    }
  }

  /**
   * Creates the roles that are missing: one that the service connects as, which may do what both of
   * its sides may, and no more, and one that reads for requests.
   */
  private static void createRoles(EmbeddedPostgres server) throws SQLException {
    var roles = new LinkedHashMap<String, String>();
    for (String role :
        List.of("imports_appender", "imports_projector", "imports_reader", "imports_viewer")) {
      roles.put(role, "nologin");
    }
    roles.put(SERVICE_ROLE, "login in role imports_appender, imports_projector");
    roles.put(READS_ROLE, "login in role imports_viewer");
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      try (ResultSet present = statement.executeQuery("select rolname from pg_roles")) {
        while (present.next()) roles.remove(present.getString(1));
      }
      for (Map.Entry<String, String> role : roles.entrySet()) {
        statement.execute("create role " + role.getKey() + " " + role.getValue());
      }
    }
  }

  private static void close(EmbeddedPostgres server) {
    try {
      server.close();
    } catch (IOException e) {
      log.warn("PostgreSQL did not stop cleanly; its next start recovers", e);
    }
  }
}
