package com.sdragent.imports.benchmarks.comparison;

import com.sdragent.imports.embedded.DataDirectory;
import com.sdragent.imports.embedded.DurablePostgres;
import com.sdragent.imports.testservers.GeneratedEvents;
import com.sdragent.imports.testservers.ServiceProcess;
import com.sdragent.imports.testservers.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * All contenders, and the PostgreSQL that they share. The service brings a PostgreSQL of its own
 * with the same settings, as it is what its users run.
 */
final class Lineup implements AutoCloseable {
  /**
   * Whom a preset compares. There are {@code axon-lob} and {@code service-filled} besides, when
   * asked for.
   */
  static final List<String> NAMES =
      List.of("empty", "pgbench", "jpa", "fastapi", "axon", "service");

  private static final String KEY = "sk_live_1234567890abcdef";
  private static final String ORGANIZATION = "123e4567-e89b-12d3-a456-426614174000";
  private static final Set<Figure> CRUD =
      Set.copyOf(
          EnumSet.of(Figure.POST, Figure.PUT, Figure.GET, Figure.GET_BESIDE_WRITES, Figure.LIST));

  private final Path home;
  private final Path data;
  private final List<String> serviceOptions;
  private final int filledEvents;
  private final DataDirectory directory;
  private final DurablePostgres postgres;
  private final int servicePostgresPort = ServiceProcess.freePort();
  private final int serviceKafkaPort = ServiceProcess.freePort();

  /**
   * Starts the shared server.
   *
   * @param home the root of the sources, below which the jars are
   * @param data where everything is kept; it must be empty or not there
   * @param serviceOptions options of the virtual machine that only the service gets
   * @param filledEvents how many events {@code service-filled} has before it is measured
   */
  Lineup(Path home, Path data, List<String> serviceOptions, int filledEvents) {
    this.home = home;
    this.data = data;
    this.serviceOptions = serviceOptions;
    this.filledEvents = filledEvents;
    directory = DataDirectory.take(data.resolve("shared"));
    postgres = DurablePostgres.start(directory, 0);
  }

  /** Describes a contender; it is started by its {@code start}. */
  Contender contender(String name) {
    return switch (name) {
      case "empty" ->
          springBoot(
              name,
              name,
              "Spring MVC, an empty handler",
              EnumSet.of(Figure.POST, Figure.PUT, Figure.GET, Figure.LIST),
              Map.of());
      case "jpa" ->
          springBoot(name, name, "Spring MVC with JPA, one plain table", CRUD, dataSource(name));
      case "axon" -> axon(name, "Axon with its own store on JPA, in bytea columns", Map.of());
      case "axon-lob" ->
          axon(
              name,
              "the same with large objects, Hibernate's default",
              Map.of(
                  "spring.jpa.properties.hibernate.dialect",
                  "org.hibernate.dialect.PostgreSQLDialect"));
      case "pgbench" ->
          new PgbenchContender(database(name), this::sharedPostmaster, data.resolve("pgbench"));
      case "fastapi" -> fastApi();
      case "service" ->
          service(
              name,
              "this service, standalone, everything on",
              servicePostgresPort,
              serviceKafkaPort);
      case "service-filled" -> {
        int postgresPort = ServiceProcess.freePort();
        yield service(
                name,
                String.format(Locale.ROOT, "the same with %,d events before", filledEvents),
                postgresPort,
                ServiceProcess.freePort())
            .whenStarted(() -> fill(postgresPort));
      }
      default ->
          throw new IllegalArgumentException(
              "Unknown: " + name + ", known: axon-lob, service-filled, " + NAMES);
    };
  }

  /** Why a contender cannot take part on this machine, or nothing. */
  static String missing(String name) {
    return switch (name) {
      case "pgbench" ->
          Programs.works("pgbench", "--version") ? "" : "there is no pgbench on the PATH";
      case "fastapi" ->
          Programs.works("python3", "-c", "import fastapi, asyncpg, uvicorn")
              ? ""
              : "this machine's Python has no fastapi, asyncpg and uvicorn";
      default -> "";
    };
  }

  /** The service as its users run it: everything on, with its own servers. */
  private HttpContender service(String name, String title, int postgresPort, int kafkaPort) {
    int port = ServiceProcess.freePort();
    Path own = data.resolve(name);
    var settings =
        Map.of(
            "server.port", Integer.toString(port),
            "imports.standalone.data-directory", own.toString(),
            "imports.standalone.postgres-port", Integer.toString(postgresPort),
            "imports.standalone.kafka-port", Integer.toString(kafkaPort));
    return new HttpContender(
        name,
        title,
        HttpContender.java(
            home.resolve("infra/standalone/target/imports.jar"), serviceOptions, settings),
        port,
        List.of("X-API-Key: " + KEY),
        EnumSet.allOf(Figure.class),
        () -> postmaster(own),
        log(name));
  }

  private void fill(int postgresPort) {
    var database =
        new TestPostgres.Database(
            "jdbc:postgresql://localhost:" + postgresPort + "/imports", "postgres", "");
    try {
      GeneratedEvents.append(database, ORGANIZATION, filledEvents, 1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A second command node on the servers of the standalone, which are there already. */
  HttpContender commandNode() {
    int port = ServiceProcess.freePort();
    var settings =
        Map.of(
            "server.port",
            Integer.toString(port),
            "spring.datasource.url",
            "jdbc:postgresql://localhost:" + servicePostgresPort + "/imports",
            "spring.datasource.username",
            "imports_service",
            "spring.flyway.user",
            "postgres",
            "spring.kafka.bootstrap-servers",
            kafkaServers(),
            "imports.relay.replication-factor",
            "1",
            "imports.access.api-keys[0].key",
            KEY,
            "imports.access.api-keys[0].name",
            "comparison",
            "imports.access.api-keys[0].organization",
            ORGANIZATION);
    return new HttpContender(
        "command-node",
        "this service, a command node, given its servers",
        HttpContender.java(
            home.resolve("command-side/target/command-side-exec.jar"), serviceOptions, settings),
        port,
        List.of("X-API-Key: " + KEY),
        Set.of(Figure.POST),
        () -> postmaster(data.resolve("service")),
        log("command-node"));
  }

  String kafkaServers() {
    return "localhost:" + serviceKafkaPort;
  }

  static String key() {
    return KEY;
  }

  private HttpContender axon(String name, String title, Map<String, String> more) {
    var settings = new HashMap<>(dataSource(name.replace('-', '_')));
    settings.putAll(more);
    return springBoot(
        "axon",
        name,
        title,
        EnumSet.of(Figure.POST, Figure.PUT, Figure.GET, Figure.LIST),
        settings);
  }

  private HttpContender springBoot(
      String module, String name, String title, Set<Figure> figures, Map<String, String> more) {
    int port = ServiceProcess.freePort();
    var settings = new HashMap<>(more);
    settings.put("server.port", Integer.toString(port));
    settings.put("server.address", "127.0.0.1");
    Path jar =
        home.resolve("infra/benchmarks/contenders")
            .resolve(module)
            .resolve("target/contender-" + module + ".jar");
    return new HttpContender(
        name,
        title,
        HttpContender.java(jar, List.of(), settings),
        port,
        List.of(),
        figures,
        more.isEmpty() ? () -> 0 : this::sharedPostmaster,
        log(name));
  }

  private HttpContender fastApi() {
    int port = ServiceProcess.freePort();
    String url = database("fastapi");
    var command =
        List.of(
            "env",
            "DATABASE_URL=" + url.replace("jdbc:postgresql://", "postgresql://postgres@"),
            "python3",
            "-m",
            "uvicorn",
            "--app-dir",
            home.resolve("infra/benchmarks/contenders/fastapi").toString(),
            "--workers",
            "2",
            "--no-access-log",
            "--port",
            Integer.toString(port),
            "main:app");
    return new HttpContender(
        "fastapi",
        "FastAPI with asyncpg, two workers",
        command,
        port,
        List.of(),
        CRUD,
        this::sharedPostmaster,
        log("fastapi"));
  }

  private Map<String, String> dataSource(String name) {
    return Map.of("spring.datasource.url", database(name));
  }

  /** Makes an empty database of its own for a contender, and tells its address. */
  private String database(String name) {
    String database = "contender_" + name;
    try (var connection = DriverManager.getConnection(postgres.jdbcUrl(), "postgres", "");
        var statement = connection.createStatement()) {
      statement.execute("drop database if exists " + database);
      statement.execute("create database " + database);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return postgres.jdbcUrl().replaceAll("/imports.*", "/" + database);
  }

  private long sharedPostmaster() {
    return postmaster(data.resolve("shared"));
  }

  private static long postmaster(Path directory) {
    try {
      Path file = directory.resolve("postgres").resolve("postmaster.pid");
      return Long.parseLong(Files.readAllLines(file).getFirst().strip());
    } catch (IOException e) {
      return 0;
    }
  }

  private Path log(String name) {
    return data.resolve(name + ".log");
  }

  @Override
  public void close() {
    postgres.close();
    directory.close();
  }
}
