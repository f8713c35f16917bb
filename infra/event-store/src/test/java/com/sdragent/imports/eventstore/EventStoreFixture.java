package com.sdragent.imports.eventstore;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.sdragent.imports.events.ImportCreated;
import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportStatus;
import com.sdragent.imports.events.ImportStatusChanged;
import com.sdragent.imports.eventstore.append.EventStoreProperties;
import com.sdragent.imports.eventstore.sessions.DedicatedConnections;
import com.sdragent.imports.eventstore.sessions.OwnSessions;
import com.sdragent.imports.loops.Loops;
import com.sdragent.imports.testservers.TestPostgres;
import com.sdragent.imports.traces.Traces;
import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.UUID;
import java.util.stream.Stream;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.messaging.MetaData;
import org.flywaydb.core.Flyway;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** A database of its own and as many nodes' engines on it as a test wants. */
public final class EventStoreFixture implements AutoCloseable {
  /** The organization of all events. */
  public static final UUID ORG = UUID.fromString("123e4567-e89b-12d3-a456-426614174000");

  /** When they happen. */
  public static final Instant NOON = Instant.parse("2024-10-06T12:00:00.000001Z");

  /** A node with the usual patience. */
  public static final EventStoreProperties DEFAULTS =
      new EventStoreProperties(
          java.time.Duration.ofSeconds(5),
          java.time.Duration.ofSeconds(2),
          1000,
          java.time.Duration.ofMillis(2),
          10_000,
          10_000,
          7);

  /** A node that gives up early. */
  static final EventStoreProperties HASTY =
      new EventStoreProperties(
          java.time.Duration.ofMillis(800),
          java.time.Duration.ofMillis(300),
          1000,
          java.time.Duration.ofMillis(2),
          10_000,
          10_000,
          7);

  /** Of all engines; what cannot be added up is the first one's. */
  final SimpleMeterRegistry metrics = new SimpleMeterRegistry();

  /** Of all engines. */
  public final Loops loops = new Loops(new SimpleMeterRegistry());

  private final TestPostgres.Database database = TestPostgres.freshDatabase();
  private final List<PostgresEventStorageEngine> engines = new ArrayList<>();

  /** The database, as its owner sees it. */
  public final JdbcTemplate jdbc =
      new JdbcTemplate(
          new DriverManagerDataSource(
              database.jdbcUrl(), database.username(), database.password()));

  /** Makes the database. */
  public EventStoreFixture() {
    Flyway.configure()
        .dataSource(database.jdbcUrl(), database.username(), database.password())
        .load()
        .migrate();
  }

  /** Holds the lock of appends until the connection is closed or ends its transaction. */
  Connection lock() throws SQLException {
    Connection other = database.connect();
    other.setAutoCommit(false);
    try (Statement statement = other.createStatement()) {
      statement.execute("select pg_advisory_xact_lock(4919131752989213764)");
    }
    return other;
  }

  /** How many sessions wait for it. */
  int waitingForLock() {
    return locks(false);
  }

  /** How many sessions hold an advisory lock, or wait for one. */
  int locks(boolean granted) {
    return Objects.requireNonNull(
        jdbc.queryForObject(
            "select count(*) from pg_locks where locktype = 'advisory' and granted = ? and database"
                + " = (select oid from pg_database where datname = current_database())",
            Integer.class,
            granted));
  }

  /** A node. */
  public PostgresEventStorageEngine engine() {
    return engine(DEFAULTS);
  }

  PostgresEventStorageEngine engine(EventStoreProperties properties) {
    return engine(connections(), properties);
  }

  /** A node that shares what it stores with those who follow the log. */
  PostgresEventStorageEngine engine(EventLog log) {
    return engine(connections(), DEFAULTS, log);
  }

  private PostgresEventStorageEngine engine(
      DedicatedConnections connections, EventStoreProperties properties) {
    return engine(connections, properties, new EventLog(jdbc, new EventSerializer(List.of())));
  }

  private PostgresEventStorageEngine engine(
      DedicatedConnections connections, EventStoreProperties properties, EventLog log) {
    var engine =
        new PostgresEventStorageEngine(
            jdbc,
            connections,
            properties,
            new EventSerializer(
                List.of(new EventSerializer.LogicalType("Import", 1, SnapshotOfATest.class))),
            new Timelines(jdbc),
            log,
            loops,
            Traces.OFF,
            metrics);
    engines.add(engine);
    return engine;
  }

  /**
   * What wakes a node.
   *
   * @param silence after how long PostgreSQL takes it for dead
   */
  Notifications notifications(Duration silence) {
    return new Notifications(
        connections(),
        new OwnSessions(connections()),
        new Timelines(jdbc),
        loops,
        Stream.of(),
        silence);
  }

  /** Of a node. */
  public DedicatedConnections connections() {
    return connections(new Properties());
  }

  /** With driver settings as the pool may have them. */
  DedicatedConnections connections(Properties driverSettings) {
    return new DedicatedConnections(
        database.jdbcUrl(), database.username(), database.password(), driverSettings);
  }

  /** A node that reaches the database through the port of a proxy. */
  PostgresEventStorageEngine engineThrough(int port, EventStoreProperties properties) {
    return engine(connectionsThrough(port), properties);
  }

  DedicatedConnections connectionsThrough(int port) {
    String url = database.jdbcUrl().replaceFirst("//[^/]+/", "//localhost:" + port + "/");
    return new DedicatedConnections(
        url, database.username(), database.password(), new Properties());
  }

  /** Tells a pool where the database is. */
  void configure(HikariDataSource pool) {
    pool.setJdbcUrl(database.jdbcUrl());
    pool.setUsername(database.username());
    pool.setPassword(database.password());
    pool.setMaximumPoolSize(1);
  }

  /** Where the database listens. */
  java.net.InetSocketAddress address() {
    var uri = java.net.URI.create(database.jdbcUrl().substring("jdbc:".length()));
    return new java.net.InetSocketAddress(uri.getHost(), uri.getPort());
  }

  /** Makes PostgreSQL itself refuse every insert with this SQLSTATE. */
  void refuseWith(String sqlState) {
    jdbc.execute(
        """
        create sequence if not exists refusals;
        create or replace function refuse() returns trigger language plpgsql as
        $$ begin
          perform nextval('refusals');
          raise exception 'refused by a test' using errcode = '%s';
        end $$
        """
            .formatted(sqlState));
    jdbc.execute(
        "create or replace trigger refuse before insert on domain_event execute function refuse()");
  }

  /** Whether it has: a sequence goes on whatever is rolled back. */
  boolean hasRefused() {
    return Boolean.TRUE.equals(
        jdbc.queryForObject("select is_called from refusals", Boolean.class));
  }

  void refuseNoMore() {
    jdbc.execute("drop trigger refuse on domain_event");
  }

  /** Whether the database takes new connections; those that are there stay. */
  void takeConnections(boolean allowed) {
    String name = database.jdbcUrl().replaceFirst("^.*/([^/?]+).*$", "$1");
    String server = database.jdbcUrl().replaceFirst("/[^/?]+(\\?|$)", "/postgres$1");
    new JdbcTemplate(new DriverManagerDataSource(server, database.username(), database.password()))
        .execute("alter database " + name + " with allow_connections " + allowed);
  }

  /** Ends the appenders' connections, as an administrator or a failover does. */
  void breakAppenders() {
    jdbc.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'imports"
            + " appender' and datname = current_database()");
  }

  @Override
  public void close() {
    engines.forEach(PostgresEventStorageEngine::close);
  }

  /** The first event of an import. */
  public static DomainEventMessage<ImportEvent> created(UUID id) {
    return message(
        id,
        0,
        new ImportCreated(
            id,
            ORG,
            null,
            "csv_upload",
            "CSV \"Upload\" \\ {é}",
            null,
            ImportStatus.PENDING,
            5,
            NOON));
  }

  static DomainEventMessage<ImportEvent> changed(UUID id, long sequence) {
    return message(
        id,
        sequence,
        new ImportStatusChanged(
            id, ORG, ImportStatus.PENDING, ImportStatus.COMPLETED, NOON.plusMillis(sequence)));
  }

  static DomainEventMessage<ImportEvent> message(UUID id, long sequence, ImportEvent event) {
    return new GenericDomainEventMessage<>(
        "Import", id.toString(), sequence, event, MetaData.from(Map.of("actor", "a test")));
  }

  static List<TrackedEventMessage<?>> all(PostgresEventStorageEngine engine) {
    try (var events = engine.readEvents(new GlobalSequenceTrackingToken(0), false)) {
      return events.<TrackedEventMessage<?>>map(event -> event).toList();
    }
  }

  /** What a snapshot holds here. */
  record SnapshotOfATest(
      @JsonProperty("text") String text, @JsonProperty("last_event") String lastEvent) {}
}
