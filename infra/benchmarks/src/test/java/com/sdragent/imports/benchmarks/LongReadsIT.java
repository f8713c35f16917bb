package com.sdragent.imports.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.benchmarks.ImportsClient.Answer;
import com.sdragent.imports.testservers.GeneratedEvents;
import com.sdragent.imports.testservers.TestPostgres;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Lists of everything and rebuilds of everything, beside the work of others. */
class LongReadsIT {
  private static final String ROWS =
      """
      select aggregate_id, organization, null, payload ->> 'source', payload ->> 'file_name',
             payload ->> 'status', (payload ->> 'total_rows')::bigint, occurred_at, occurred_at, 0
      from domain_event
      """;
  private static final Pattern ID = Pattern.compile("\\{\"id\":\"([0-9a-f-]{36})\"");

  @Test
  @Tag("soak")
  void a_list_of_a_million_streams_to_its_end_in_256_megabytes_beside_slow_readers()
      throws Exception {
    longList(1_000_000, 100, Duration.ofSeconds(20));
  }

  /**
   * The slow readers take {@value SlowReader#BYTES} bytes every {@value SlowReader#PAUSE_MILLIS} ms
   * each, a few rows a second: what they cost is that they are there.
   */
  private static void longList(int imports, int slowReaders, Duration measure) throws Exception {
    try (var cluster = new Cluster(0, 1, Map.of(), "-Xmx256m");
        var client = new ImportsClient(Cluster.KEY, 8)) {
      fill(cluster, imports);
      String url = cluster.queries(0);
      assertThat(readAll(cluster, () -> false)).hasSize(imports);
      List<String> some = new ArrayList<>();
      client.send("GET", url + "?limit=500", null).json().forEach(r -> some.add(id(r)));
      for (int i = 0; i < 2; i++) getRate(client, url, some, measure);
      double before = getRate(client, url, some, measure);
      var readers = new ArrayList<SlowReader>();
      try {
        long opened = System.nanoTime();
        for (int i = 0; i < slowReaders; i++) readers.add(new SlowReader(cluster));
        double coming = getRate(client, url, some, measure);
        long taken = readers.stream().mapToLong(SlowReader::taken).sum();
        long begun = System.nanoTime();
        double beside = getRate(client, url, some, measure);
        double seconds = (System.nanoTime() - begun) / 1e9;
        double kilobytes =
            (readers.stream().mapToLong(SlowReader::taken).sum() - taken) / seconds / 1e3;
        begun = System.nanoTime();
        assertThat(readAll(cluster, () -> false)).hasSize(imports);
        seconds = (System.nanoTime() - begun) / 1e9;
        for (SlowReader reader : readers) assertThat(reader.isConnected()).isTrue();
        double minutes = (System.nanoTime() - opened) / 60e9;
        readers.forEach(SlowReader::close);
        double after = getRate(client, url, some, measure);
        double alone = (before + after) / 2;
        System.out.printf(
            "A list of %,d in %.1f s with -Xmx256m beside %s slow readers, which took %.0f kB/s"
                + " together for %.1f minutes; other GETs kept %.2f of their rate (%.2f while the"
                + " readers came; alone %,.0f/s before, %,.0f/s after)%n",
            imports,
            seconds,
            slowReaders,
            kilobytes,
            minutes,
            beside / alone,
            coming / alone,
            before,
            after);
        assertThat(beside / alone).isGreaterThan(0.8);
      } finally {
        readers.forEach(SlowReader::close);
      }
    }
  }

  @Test
  @Tag("soak")
  void two_hundred_feeds_of_an_idle_organization_leave_the_others_their_rate() throws Exception {
    Map<String, String> scopes = Map.of("imports.access.api-keys[1].scopes", "imports:audit");
    try (var cluster = new Cluster(1, 1, scopes);
        var client = new ImportsClient(Cluster.KEY, 16)) {
      fill(cluster, 10_000);
      String url = cluster.queries(0);
      List<String> some = new ArrayList<>();
      client.send("GET", url + "?limit=500", null).json().forEach(row -> some.add(id(row)));
      var done = new AtomicBoolean();
      CompletableFuture<Void> writing =
          CompletableFuture.runAsync(() -> writeSteadily(client, cluster, done));
      Duration measure = Duration.ofSeconds(20);
      for (int i = 0; i < 2; i++) getRate(client, url, some, measure);
      double before = getRate(client, url, some, measure);
      var feeds = new ArrayList<Socket>();
      for (int i = 0; i < 200; i++) feeds.add(follow(cluster));
      double beside = getRate(client, url, some, measure);
      for (Socket feed : feeds) feed.close();
      double after = getRate(client, url, some, measure);
      done.set(true);
      writing.get();
      System.out.printf(
          "GETs beside steady writes and 200 feeds of an idle organization kept %.2f of their rate"
              + " (alone %,.0f/s before, %,.0f/s after)%n",
          2 * beside / (before + after), before, after);
      assertThat(2 * beside / (before + after)).isGreaterThan(0.8);
    }
  }

  private static void writeSteadily(ImportsClient client, Cluster cluster, AtomicBoolean done) {
    while (!done.get()) {
      assertThat(client.send("POST", cluster.commands(0), "{\"source\":\"steady\"}").status())
          .isEqualTo(201);
      pause(5);
    }
  }

  private static Socket follow(Cluster cluster) throws IOException {
    var socket = new Socket("localhost", cluster.queryNodes.getFirst().port());
    socket
        .getOutputStream()
        .write(
            ("GET /events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nX-API-Key: "
                    + Cluster.OTHER_KEY
                    + "\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1));
    assertThat(socket.getInputStream().read()).isPositive();
    return socket;
  }

  @Test
  @Tag("soak")
  void a_rebuild_alone_is_measured_beside_what_postgres_needs_for_the_same_rows() throws Exception {
    try (var cluster = new Cluster(0, 1, Map.of());
        var operator = new ImportsClient(Cluster.OPERATOR_KEY, 1)) {
      double insert = fill(cluster, 1_000_000);
      double withIndexesLast = insertAndIndex(cluster.database);
      String admin = rebuilds(cluster);
      for (int i = 0; i < 3; i++) {
        long begun = System.nanoTime();
        assertThat(operator.send("POST", admin, null).status()).isEqualTo(202);
        JsonNode end = awaitRebuild(operator, admin);
        double seconds = (System.nanoTime() - begun) / 1e9;
        assertThat(end.get("differences").intValue()).as(end.toString()).isZero();
        System.out.printf(
            "Rebuild %s of 1,000,000 events in %.1f s, compared and switched: %,d events/s;"
                + " PostgreSQL's INSERT … SELECT of the rows took %.1f s, %.1f s with the indexes"
                + " made afterwards%n",
            i + 1, seconds, end.get("events_per_second").longValue(), insert, withIndexesLast);
      }
    }
  }

  @Test
  @Tag("soak")
  void a_restarted_rebuild_of_a_million_names_corrupted_rows_and_disturbs_nobody()
      throws Exception {
    rebuild(1_000_000);
  }

  private static void rebuild(int imports) throws Exception {
    try (var cluster = new Cluster(1, 2, Map.of());
        var client = new ImportsClient(Cluster.KEY, 20);
        var operator = new ImportsClient(Cluster.OPERATOR_KEY, 1)) {
      fill(cluster, imports);
      Set<String> corrupted = corrupt(cluster.database);
      String admin = rebuilds(cluster);
      var done = new AtomicBoolean();
      var load = new Load(client, cluster, done);
      // Its reader takes its time, so that the switch happens under its feet.
      CompletableFuture<Set<String>> list =
          CompletableFuture.supplyAsync(
              () -> readAll(cluster, () -> !done.get()), Thread::startVirtualThread);
      CompletableFuture<Void> loading =
          CompletableFuture.runAsync(load::run, Thread::startVirtualThread);
      assertThat(operator.send("POST", admin, null).status()).isEqualTo(202);
      // The node that was asked need not be the one that works: both are told to do without one.
      Audit.await(
          "a part is done",
          () -> operator.send("GET", admin, null).json().get("events_done").longValue() > 0);
      cluster.queryNodes.get(1).kill();
      cluster.queryNodes.set(1, cluster.startQuerySide().awaitReady());
      JsonNode end = awaitRebuild(operator, admin);
      done.set(true);
      loading.get();
      Set<String> listed = list.get();

      assertThat(end.get("state").stringValue()).as(end.toString()).isEqualTo("completed");
      var named = new HashSet<String>();
      end.get("different_rows").forEach(row -> named.add(row.get("id").stringValue()));
      assertThat(named).as(end.toString()).isEqualTo(corrupted);
      assertThat(end.get("differences").intValue()).isEqualTo(corrupted.size());
      assertThat(listed.size()).isGreaterThanOrEqualTo(imports - 1);
      assertThat(load.writes.get()).isPositive();
      assertThat(load.reads.get()).isPositive();
      System.out.printf(
          "A rebuild of %,d events beside 8 clients that wrote %,d times and 8 that read %,d times,"
              + " with a restart: %,d events/s, the %s corrupted rows named, a list of %,d rows"
              + " across the switch, no 5xx, nothing stale%n",
          imports,
          load.writes.get(),
          load.reads.get(),
          end.get("events_per_second").longValue(),
          corrupted.size(),
          listed.size());
    }
  }

  /** Eight clients write, eight others read what was written last and must not see less. */
  private static final class Load {
    private static final int WRITERS = 8;

    private final ImportsClient client;
    private final Cluster cluster;
    private final AtomicBoolean done;
    private final AtomicReferenceArray<JsonNode> answered = new AtomicReferenceArray<>(WRITERS);
    final AtomicLong writes = new AtomicLong();
    final AtomicLong reads = new AtomicLong();

    Load(ImportsClient client, Cluster cluster, AtomicBoolean done) {
      this.client = client;
      this.cluster = cluster;
      this.done = done;
    }

    void run() {
      try {
        Clients.act(
            2 * WRITERS,
            number -> {
              while (!done.get()) {
                if (number < WRITERS) {
                  write(number);
                } else {
                  read(number - WRITERS);
                }
              }
              return number;
            });
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        done.set(true);
      }
    }

    private void write(int number) {
      Answer created = client.send("POST", cluster.commands(0), "{\"source\":\"load\"}");
      assertThat(created.status()).as(created.body()).isEqualTo(201);
      answered.set(number, created.json());
      String id = id(created.json());
      for (int i = 1; i <= 5; i++) {
        Answer updated = client.send("PUT", cluster.commands(0) + id, "{\"total_rows\":" + i + "}");
        assertThat(updated.status()).as(updated.body()).isEqualTo(200);
        answered.set(number, updated.json());
      }
      writes.addAndGet(6);
    }

    private void read(int number) {
      JsonNode last = answered.get(number);
      if (last == null) return;
      Answer read = client.send("GET", cluster.queries(0) + id(last), null);
      assertThat(read.status()).as(read.body()).isEqualTo(200);
      assertThat(read.json().get("total_rows").intValue())
          .isGreaterThanOrEqualTo(last.get("total_rows").intValue());
      last = answered.get(number);
      String id = id(Objects.requireNonNull(last));
      int least = last.get("total_rows").intValue();
      // From it on, as the others may meanwhile have made more than a page.
      Instant before = Instant.parse(last.get("created_at").stringValue()).minusNanos(1000);
      Answer list =
          client.send("GET", cluster.queries(0) + "?source=load&created_after=" + before, null);
      assertThat(list.status()).as(list.body()).isEqualTo(200);
      assertThat(list.json().valueStream())
          .as("those since then hold import %s with at least %d rows", id, least)
          .anyMatch(row -> id(row).equals(id) && row.get("total_rows").intValue() >= least);
      reads.addAndGet(2);
    }
  }

  private static String rebuilds(Cluster cluster) {
    return cluster.queryNodes.getFirst().url() + "/admin/projections/imports/rebuild";
  }

  /**
   * Imports of one event each, in the store and in the read model.
   *
   * @return the seconds that the rows of the read model took
   */
  private static double fill(Cluster cluster, int imports) throws SQLException {
    double seconds = fill(cluster.database, imports);
    // What is measured afterwards is not to share the processors with the counting of these.
    cluster.awaitProjections();
    return seconds;
  }

  private static double fill(TestPostgres.Database database, int imports) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      // Projectors would make the same rows, only later: they have to wait.
      statement.execute("begin");
      statement.execute("select * from projection where name = 'imports' for update");
      GeneratedEvents.append(database, Cluster.ORGANIZATION, imports, 1);
      statement.execute("truncate import_row_0");
      long begun = System.nanoTime();
      statement.execute("insert into import_row_0 " + ROWS);
      double seconds = (System.nanoTime() - begun) / 1e9;
      statement.execute(
          "insert into projection_position (name, batch, position, event_id) select 'imports',"
              + " (select max(batch) + 1 from projection_position), position, event_id"
              + " from domain_event order by position desc limit 1");
      statement.execute("commit");
      statement.execute("analyze");
      return seconds;
    }
  }

  /** The same rows into a table that gets its indexes in the end, as a rebuild's does. */
  private static double insertAndIndex(TestPostgres.Database database) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("begin");
      statement.execute("select empty_import_row(1)");
      long begun = System.nanoTime();
      statement.execute("insert into import_row_1 " + ROWS);
      for (int index = 0; index < 5; index++) statement.execute("select index_import_row(1)");
      double seconds = (System.nanoTime() - begun) / 1e9;
      statement.execute("commit");
      return seconds;
    }
  }

  private static Set<String> corrupt(TestPostgres.Database database) throws SQLException {
    var ids = new ArrayList<String>();
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      try (var row =
          statement.executeQuery("select id from import_view order by id offset 1000 limit 2")) {
        while (row.next()) ids.add(row.getString(1));
      }
      String invented = "ffffffff-0000-7000-8000-000000000000";
      statement.execute("update import_view set total_rows = -1 where id = '" + ids.get(0) + "'");
      statement.execute("delete from import_view where id = '" + ids.get(1) + "'");
      statement.execute(
          "insert into import_view select '"
              + invented
              + "', org_id, null, 'x', 'x', status, 1, created_at, updated_at from import_view"
              + " where id = '"
              + ids.get(0)
              + "'");
      ids.add(invented);
    }
    return Set.copyOf(ids);
  }

  private static double getRate(
      ImportsClient client, String url, List<String> ids, Duration duration)
      throws InterruptedException {
    long end = System.nanoTime() + duration.toNanos();
    List<Integer> counts =
        Clients.act(
            8,
            number -> {
              int count = 0;
              for (int i = number; System.nanoTime() < end; i++, count++) {
                assertThat(client.send("GET", url + ids.get(i % ids.size()), null).status())
                    .isEqualTo(200);
              }
              return count;
            });
    return counts.stream().mapToInt(count -> count).sum() / (duration.toMillis() / 1e3);
  }

  /** The ids of the whole list, each of which must come once, and its proper end. */
  private static Set<String> readAll(Cluster cluster, BooleanSupplier slowly) {
    var ids = new HashSet<String>();
    try (var socket = open(cluster);
        InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 16)) {
      var rest = new StringBuilder();
      byte[] buffer = new byte[1 << 16];
      String end = "";
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        rest.append(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
        Matcher matcher = ID.matcher(rest);
        int last = 0;
        while (matcher.find()) {
          assertThat(ids.add(matcher.group(1))).as(matcher.group(1)).isTrue();
          last = matcher.end();
        }
        end = rest.substring(Math.max(0, rest.length() - 20));
        rest.delete(0, Math.max(last, rest.length() - 50));
        if (slowly.getAsBoolean()) pause(50);
      }
      assertThat(end).endsWith("}]");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return ids;
  }

  private static Socket open(Cluster cluster) throws IOException {
    var socket = new Socket();
    // A small window, so that the service feels how slowly it is read.
    socket.setReceiveBufferSize(1 << 16);
    socket.connect(new InetSocketAddress("localhost", cluster.queryNodes.getFirst().port()));
    socket
        .getOutputStream()
        .write(
            ("GET /imports/ HTTP/1.0\r\nHost: localhost\r\nX-API-Key: " + Cluster.KEY + "\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1));
    return socket;
  }

  /** Takes a little now and then, and lets the rest wait. */
  private static final class SlowReader implements AutoCloseable {
    static final int BYTES = 1024;
    static final int PAUSE_MILLIS = 250;

    private final Socket socket;
    private final CompletableFuture<Boolean> reading;
    private final AtomicLong taken = new AtomicLong();
    private volatile boolean closing;

    SlowReader(Cluster cluster) throws IOException {
      socket = open(cluster);
      reading = CompletableFuture.supplyAsync(this::read, Thread::startVirtualThread);
    }

    private boolean read() {
      try {
        InputStream in = socket.getInputStream();
        byte[] little = new byte[BYTES];
        for (int n = 0; n >= 0 && !closing; n = in.read(little)) {
          taken.addAndGet(n);
          pause(PAUSE_MILLIS);
        }
        return closing;
      } catch (IOException e) {
        return closing;
      }
    }

    long taken() {
      return taken.get();
    }

    boolean isConnected() {
      return !reading.isDone();
    }

    @Override
    public void close() {
      closing = true;
      try {
        socket.close();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  private static void pause(int millis) {
    LockSupport.parkNanos(Duration.ofMillis(millis).toNanos());
  }

  private static JsonNode awaitRebuild(ImportsClient operator, String admin) {
    while (true) {
      JsonNode status = operator.send("GET", admin, null).json();
      if (!status.get("state").stringValue().equals("running")) return status;
      pause(100);
    }
  }

  private static String id(JsonNode row) {
    return row.get("id").stringValue();
  }
}
