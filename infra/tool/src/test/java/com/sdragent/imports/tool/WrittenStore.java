package com.sdragent.imports.tool;

import com.sdragent.imports.events.EventRevisions;
import com.sdragent.imports.events.ImportCreated;
import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportStatus;
import com.sdragent.imports.events.ImportStatusChanged;
import com.sdragent.imports.eventstore.AppendConfiguration;
import com.sdragent.imports.eventstore.EventStoreConfiguration;
import com.sdragent.imports.eventstore.PostgresEventStorageEngine;
import com.sdragent.imports.testservers.HandMadeEvents;
import com.sdragent.imports.testservers.TestPostgres;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.messaging.MetaData;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** A database of its own with events that the service's own store wrote. */
public final class WrittenStore implements AutoCloseable {
  /** The organization of all events. */
  public static final UUID ORG = UUID.fromString("123e4567-e89b-12d3-a456-426614174000");

  private static final List<ImportStatus> STATUSES =
      List.of(ImportStatus.PENDING, ImportStatus.PROCESSING, ImportStatus.COMPLETED);
  private static final Instant NOON = Instant.parse("2024-10-06T12:00:00.000001Z");

  /** Of its owner, whose classes the tool needs as little as its store's. */
  private static final String READ_MODEL =
      "filesystem:" + Path.of("..", "..", "query-side", "src", "main", "resources", "db");

  /** The projection's position becomes the store's, 0 when there are no events. */
  public static final String PROJECT_ALL =
      """
      insert into projection_position (name, batch, position, event_id)
      select 'imports', (select max(batch) + 1 from projection_position), coalesce(e.position, 0), e.event_id
      from (select max(position) as position from domain_event) h
      left join domain_event e on e.position = h.position limit 1
      """;

  /** Where it is. */
  public final TestPostgres.Database database;

  /** As a superuser. */
  public final JdbcTemplate sql;

  private final AnnotationConfigApplicationContext context =
      new AnnotationConfigApplicationContext();
  private final EventRevisions revisions;
  private @Nullable PostgresEventStorageEngine engine;

  /** What the tool printed, and its exit code. */
  public record Outcome(int exitCode, String out, String err) {}

  /** With nothing in it. */
  public WrittenStore() {
    this(TestPostgres.freshDatabase(), EventRevisions.published());
    Flyway.configure()
        .dataSource(database.jdbcUrl(), database.username(), database.password())
        .locations("classpath:db/migration", READ_MODEL)
        .load()
        .migrate();
    HandMadeEvents.allowIn(database);
  }

  private WrittenStore(TestPostgres.Database database, EventRevisions revisions) {
    this.database = database;
    this.revisions = revisions;
    sql =
        new JdbcTemplate(
            new DriverManagerDataSource(
                database.jdbcUrl(), database.username(), database.password()));
  }

  /** One more with all that is in this one, which is closed. */
  public WrittenStore copy() {
    return new WrittenStore(TestPostgres.copyOf(database), revisions);
  }

  /**
   * The same store, as a node with other revisions writes it.
   *
   * @param settings Spring properties such as {@code name=value}
   */
  public WrittenStore writtenBy(EventRevisions revisions, String... settings) {
    var node = new WrittenStore(database, revisions);
    TestPropertyValues.of(settings).applyTo(node.context);
    return node;
  }

  private PostgresEventStorageEngine engine() {
    PostgresEventStorageEngine started = engine;
    if (started != null) return started;
    context.registerBean(JdbcTemplate.class, () -> sql);
    context.registerBean(EventRevisions.class, () -> revisions);
    context.registerBean(MeterRegistry.class, SimpleMeterRegistry::new);
    context.registerBean(DataSource.class, () -> Objects.requireNonNull(sql.getDataSource()));
    context.registerBean(JdbcConnectionDetails.class, () -> new Details(database));
    context.register(EventStoreConfiguration.class, AppendConfiguration.class);
    context.refresh();
    engine = context.getBean(PostgresEventStorageEngine.class);
    return engine;
  }

  private record Details(TestPostgres.Database database) implements JdbcConnectionDetails {
    @Override
    public String getUsername() {
      return database.username();
    }

    @Override
    public String getPassword() {
      return database.password();
    }

    @Override
    public String getJdbcUrl() {
      return database.jdbcUrl();
    }
  }

  /** Appends imports of one creation and two changes each, and a read model that matches. */
  public void append(int imports) {
    for (int i = 0; i < imports; i++) {
      UUID id = UUID.randomUUID();
      var created =
          new ImportCreated(
              id, ORG, null, "csv_upload", "CSV “é”", "a.csv", ImportStatus.PENDING, i, NOON);
      engine().appendEvents(message(id, 0, created));
      for (int change = 1; change <= 2; change++) {
        engine()
            .appendEvents(
                message(
                    id,
                    change,
                    new ImportStatusChanged(
                        id,
                        ORG,
                        STATUSES.get(change - 1),
                        STATUSES.get(change),
                        NOON.plusMillis(change))));
      }
      sql.update(
          """
          insert into import_view
          values (?, ?, null, 'csv_upload', 'a.csv', 'completed', ?,
                  '2024-10-06T12:00:00.000001Z', '2024-10-06T12:00:00.002001Z')
          """,
          id,
          ORG,
          i);
    }
    projectAll();
  }

  /** The read model is said to have all events. */
  public void projectAll() {
    sql.execute(PROJECT_ALL);
  }

  private static GenericDomainEventMessage<ImportEvent> message(
      UUID id, long sequence, ImportEvent event) {
    return new GenericDomainEventMessage<>(
        "Import", id.toString(), sequence, event, MetaData.from(Map.of("actor", "a test")));
  }

  /** Runs the tool against this store. */
  public Outcome tool(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    Stream.of(
            "--url=" + database.jdbcUrl(),
            "--user=" + database.username(),
            "--password=" + database.password())
        .forEach(all::add);
    return run(all);
  }

  /** Runs the tool. */
  public static Outcome run(List<String> arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    int exitCode =
        ImportsTool.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(arguments.toArray(String[]::new));
    return new Outcome(exitCode, out.toString(), err.toString());
  }

  @Override
  public void close() {
    context.close();
  }
}
