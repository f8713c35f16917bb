package com.sdragent.imports.benchmarks.fill;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sdragent.imports.benchmarks.fill.ImportLives.Happened;
import com.sdragent.imports.events.ImportState.Active;
import java.io.PrintStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/**
 * Fills an empty, migrated store with events as the service would have written them, with their
 * hash chain, and the rows of the imports, so that one can see beforehand what a service of some
 * years does on one's own machines. The first organization is the one of the demo key.
 */
@Command(
    name = "fill",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Fills an empty store with events and rows of imports, by the million.",
      "No node of the service may run meanwhile. Afterwards rebuild the summary, which is empty."
    })
public final class Fill implements Callable<Integer> {
  /** So many events are stored at once; the rows of those that ended among them come with them. */
  private static final int AT_ONCE = 200_000;

  private static final long DAYS_A_MONTH = 30;

  @Option(
      names = "--url",
      paramLabel = "JDBC-URL",
      defaultValue = "jdbc:postgresql://localhost:15432/imports",
      description = "The store's database. Default: ${DEFAULT-VALUE}")
  private String url = "";

  @Option(
      names = "--user",
      defaultValue = "postgres",
      description = "The owner of the tables, or a superuser. Default: ${DEFAULT-VALUE}")
  private String user = "";

  @Option(
      names = "--password",
      defaultValue = "${env:PGPASSWORD:-}",
      description = "Its password; better given as the environment variable PGPASSWORD")
  private String password = "";

  @Option(names = "--events", required = true, description = "How many events")
  private long events;

  @Option(
      names = "--organization",
      defaultValue = "123e4567-e89b-12d3-a456-426614174000",
      description = "The organization that has most of the imports. Default: ${DEFAULT-VALUE}")
  private UUID organization = new UUID(0, 0);

  @Option(
      names = "--organizations",
      defaultValue = "5000",
      description = "How many organizations there are. Default: ${DEFAULT-VALUE}")
  private int organizations;

  @Option(
      names = "--months",
      defaultValue = "6",
      description = "Over how many months until now they are spread. Default: ${DEFAULT-VALUE}")
  private int months;

  @Option(
      names = "--seed",
      defaultValue = "16",
      description = "Another number makes other events. Default: ${DEFAULT-VALUE}")
  private long seed;

  private final PrintStream out;
  private final JsonMapper json = JsonMapper.builder().build();

  private Fill(PrintStream out) {
    this.out = out;
  }

  /** Runs the command and exits. */
  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  /**
   * Runs the command.
   *
   * @return 0 when the store is filled, 1 when it was not empty or failed, 2 for wrong use
   */
  public static int run(String... arguments) {
    return new CommandLine(new Fill(System.out)).execute(arguments);
  }

  @Override
  public Integer call() throws SQLException {
    try (Connection connection = DriverManager.getConnection(url, user, password);
        Connection forRows = DriverManager.getConnection(url, user, password)) {
      if (!take(connection)) {
        out.println("The store has events, or a node appends: name an empty one, and stop nodes");
        return 1;
      }
      fill(connection, forRows);
    }
    return 0;
  }

  /**
   * Takes the lock of all appends for this session, if nobody else has it and nothing is stored.
   */
  private static boolean take(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        var row =
            statement.executeQuery(
                "select pg_try_advisory_lock(4919131752989213764)"
                    + " and not exists (select from domain_event)")) {
      return row.next() && row.getBoolean(1);
    }
  }

  private void fill(Connection connection, Connection forRows) throws SQLException {
    execute(connection, "select empty_import_row(0), empty_import_row(1)");
    connection.setAutoCommit(false);
    forRows.setAutoCommit(false);
    var lives = new ImportLives(events, organization, organizations, seed);
    var chain = new Chain(lives);
    Instant end = Instant.now().truncatedTo(ChronoUnit.MICROS);
    Instant begin = end.minus(Duration.ofDays(months * DAYS_A_MONTH));
    double microsApart = (double) ChronoUnit.MICROS.between(begin, end) / events;
    long began = System.nanoTime();
    while (chain.position < events) {
      long upTo = Math.min(events, chain.position + AT_ONCE);
      var log =
          new BinaryCopy(
              connection,
              "domain_event (position, aggregate_id, sequence_number, event_id, event_type,"
                  + " revision, organization, occurred_at, payload, metadata, hash)");
      var rows = rows(forRows);
      while (chain.position < upTo) {
        Instant at = begin.plus((long) (chain.position * microsApart), ChronoUnit.MICROS);
        byte[] metadata = chain.metadata();
        for (Happened happened : lives.next(at)) {
          chain.add(happened, metadata, log);
          if (happened.isLast()) add(happened, rows);
        }
      }
      log.end();
      rows.end();
      connection.commit();
      forRows.commit();
      tell(chain.position, began);
    }
    var rows = rows(forRows);
    for (Happened last : lives.unfinished()) add(last, rows);
    rows.end();
    forRows.commit();
    connection.setAutoCommit(true);
    finish(connection, chain);
  }

  private void finish(Connection connection, Chain chain) throws SQLException {
    out.println("Making the indexes of the rows");
    boolean more = true;
    while (more) {
      try (Statement statement = connection.createStatement();
          var row = statement.executeQuery("select index_import_row(0)")) {
        more = row.next() && row.getBoolean(1);
      }
    }
    // Projections go on from here: a rebuild makes what is not made here.
    execute(
        connection,
        "insert into projection_position (name, batch, position, event_id) select p.name, (select"
            + " max(batch) + 1 from projection_position b where b.name = p.name), e.position,"
            + " e.event_id from projection p, lateral (select position, event_id from domain_event"
            + " order by position desc limit 1) e");
    out.println("Looking through the tables, so that PostgreSQL knows them");
    execute(connection, "vacuum (analyze) domain_event");
    execute(connection, "vacuum (analyze) import_row_0");
    execute(connection, "checkpoint");
    out.printf(
        Locale.ROOT,
        "Stored %,d events; the last hash is %s%n",
        chain.position,
        HexFormat.of().formatHex(chain.hash));
  }

  private void tell(long stored, long began) {
    double seconds = (System.nanoTime() - began) / 1e9;
    out.printf(Locale.ROOT, "%,d events, %,.0f/s%n", stored, stored / seconds);
  }

  private static BinaryCopy rows(Connection connection) throws SQLException {
    return new BinaryCopy(
        connection,
        "import_row_0 (id, org_id, campaign_id, source, file_name, status, total_rows, created_at,"
            + " updated_at, sequence)");
  }

  private static void add(Happened last, BinaryCopy rows) throws SQLException {
    if (!(last.after() instanceof Active active)) return;
    rows.row(10)
        .add(active.id())
        .add(active.orgId())
        .add(active.campaignId())
        .add(active.source().getBytes(UTF_8))
        .add(bytes(active.fileName()))
        .add(active.status().label().getBytes(UTF_8))
        .add(active.totalRows())
        .add(active.createdAt())
        .add(active.updatedAt())
        .add(last.sequence());
  }

  private static byte @Nullable [] bytes(@Nullable String text) {
    return text == null ? null : text.getBytes(UTF_8);
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The end of the log. */
  private final class Chain {
    private final ImportLives lives;
    private final SplittableRandom random = new SplittableRandom(seed);
    private final MessageDigest sha256 = sha256();
    private long position;
    private byte[] hash = new byte[32];

    Chain(ImportLives lives) {
      this.lives = lives;
    }

    void add(Happened happened, byte[] metadata, BinaryCopy log) throws SQLException {
      position++;
      UUID eventId = lives.timeOrderedId(happened.event().occurredAt());
      var event =
          new FilledEvent(
              position,
              happened.sequence(),
              eventId,
              happened.event(),
              json.writeValueAsBytes(happened.event()),
              metadata);
      hash = event.hash(hash, sha256);
      log.row(11)
          .add(position)
          .add(event.event().importId())
          .add(event.sequence())
          .add(eventId)
          .add(event.type().getBytes(UTF_8))
          .add(event.revision())
          .add(event.event().orgId())
          .add(event.event().occurredAt())
          .add(event.payload())
          .add(event.metadata())
          .add(hash);
    }

    /** Says who asked: the same for all events of one command. */
    byte[] metadata() {
      HexFormat hex = HexFormat.of();
      return ("{\"actor\":\"nightly\",\"actor_kind\":\"key\",\"request_id\":\""
              + ImportLives.id(random)
              + "\",\"traceparent\":\"00-"
              + hex.toHexDigits(random.nextLong())
              + hex.toHexDigits(random.nextLong(1, Long.MAX_VALUE))
              + "-"
              + hex.toHexDigits(random.nextLong(1, Long.MAX_VALUE))
              + "-00\"}")
          .getBytes(UTF_8);
    }

    private static MessageDigest sha256() {
      try {
        return MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("Every Java has SHA-256", e);
      }
    }
  }
}
