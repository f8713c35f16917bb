package com.sdragent.imports.benchmarks;

import com.sdragent.imports.testservers.ServiceProcess;
import com.sdragent.imports.testservers.TestKafka;
import com.sdragent.imports.testservers.TestPostgres;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** Nodes of both sides, processes of their own, on one database and one Kafka. */
final class Cluster implements AutoCloseable {
  static final String KEY = "sk_of_the_cluster_test";
  static final String OTHER_KEY = "sk_of_another_organization";
  static final String OPERATOR_KEY = "sk_of_an_operator";
  static final String ORGANIZATION = "123e4567-e89b-12d3-a456-426614174000";
  static final String OTHER_ORGANIZATION = "223e4567-e89b-12d3-a456-426614174000";

  static final Path HOME = Path.of(System.getProperty("imports.home", "../.."));

  /** Short runs do without the optimizing compiler, which would take what they measure. */
  static final boolean FULL = Boolean.getBoolean("imports.test.full");

  private static final List<String> SHORT_LIVED = List.of("-XX:TieredStopAtLevel=1");
  private static final List<String> JVM = List.of("-Xmx384m", "-XX:+UseSerialGC");

  final TestPostgres.Database database;
  private final String name = "cluster." + UUID.randomUUID();
  final String eventsTopic = name + ".events";
  final List<ServiceProcess> commandNodes = new CopyOnWriteArrayList<>();
  final List<ServiceProcess> queryNodes = new ArrayList<>();
  private final Map<String, String> settings;
  private final Map<String, String> ofQuerySides;
  private final List<String> jvm;

  /** Starts the nodes on a new database and waits until all are ready. */
  Cluster(int commandSides, int querySides, Map<String, String> more, String... jvm) {
    this(TestPostgres.freshDatabase(), commandSides, querySides, more, jvm);
  }

  /** Starts the nodes on this database and waits until all are ready. */
  Cluster(
      TestPostgres.Database database,
      int commandSides,
      int querySides,
      Map<String, String> more,
      String... jvm) {
    this(database, commandSides, querySides, more, Map.of(), jvm);
  }

  /** The same, with settings that only query sides have. */
  Cluster(
      TestPostgres.Database database,
      int commandSides,
      int querySides,
      Map<String, String> more,
      Map<String, String> ofQuerySides,
      String... jvm) {
    this.database = database;
    this.ofQuerySides = ofQuerySides;
    this.jvm = jvm(jvm.length == 0 ? JVM : List.of(jvm));
    settings = new HashMap<>();
    settings.put("spring.datasource.url", database.jdbcUrl());
    settings.put("spring.datasource.username", database.username());
    settings.put("spring.datasource.password", database.password());
    settings.put("imports.query.reads.username", TestPostgres.READS_USERNAME);
    settings.put("imports.query.reads.password", TestPostgres.READS_PASSWORD);
    settings.put("spring.kafka.bootstrap-servers", TestKafka.bootstrapServers());
    settings.put("imports.relay.events-topic", eventsTopic);
    settings.put("imports.relay.state-topic", name + ".state");
    settings.put("imports.relay.position-topic", name + ".relay");
    settings.put("imports.relay.replication-factor", "1");
    settings.put("imports.access.api-keys[0].key", KEY);
    settings.put("imports.access.api-keys[0].organization", ORGANIZATION);
    settings.put("imports.access.api-keys[0].name", "cluster test");
    settings.put(
        "imports.access.api-keys[0].scopes", "imports:read,imports:write,imports:audit,operator");
    settings.put("imports.access.api-keys[1].key", OTHER_KEY);
    settings.put("imports.access.api-keys[1].organization", OTHER_ORGANIZATION);
    settings.put("imports.access.api-keys[1].name", "another cluster test");
    settings.put("imports.access.api-keys[2].key", OPERATOR_KEY);
    settings.put("imports.access.api-keys[2].organization", ORGANIZATION);
    settings.put("imports.access.api-keys[2].name", "operator");
    settings.put("imports.access.api-keys[2].scopes", "operator");
    // What stops at the end of a test has no clients any more.
    settings.put("imports.web.drain-time", "0s");
    settings.putAll(more);
    for (int i = 0; i < commandSides; i++) commandNodes.add(startCommandSide());
    for (int i = 0; i < querySides; i++) queryNodes.add(startQuerySide());
    commandNodes.forEach(ServiceProcess::awaitReady);
    queryNodes.forEach(ServiceProcess::awaitReady);
  }

  /** The options of a node's virtual machine, with those that fit the length of the run. */
  static List<String> jvm(List<String> options) {
    if (FULL) return options;
    return Stream.concat(options.stream(), SHORT_LIVED.stream()).toList();
  }

  /** How much of something: the full number in the {@code soak} profile, a small one else. */
  static int size(int everyday, int full) {
    return FULL ? full : everyday;
  }

  /** Kills a command-side with -9 and starts another in its place. */
  void killAndReplaceCommandSide(int number) {
    commandNodes.get(number).kill();
    commandNodes.set(number, start("command-side", number));
  }

  ServiceProcess startCommandSide() {
    return start("command-side", commandNodes.size());
  }

  ServiceProcess startQuerySide() {
    return start("query-side", queryNodes.size());
  }

  /** Starts a node whose clock is ahead of the system's by this much, with settings of its own. */
  ServiceProcess startQuerySide(Duration ahead, Map<String, String> more) {
    return start("query-side", queryNodes.size(), ahead, more);
  }

  /** Starts a node whose clock is ahead of the system's by this much. */
  ServiceProcess startCommandSide(Duration ahead) {
    return start("command-side", commandNodes.size(), ahead, Map.of());
  }

  private ServiceProcess start(String side, int number) {
    return start(side, number, Duration.ZERO, Map.of());
  }

  private ServiceProcess start(
      String side, int number, Duration clockAhead, Map<String, String> more) {
    return start(jar(side), side, number, clockAhead, more);
  }

  /** The executable of a side, as this build has made it. */
  static Path jar(String side) {
    return HOME.resolve(side).resolve("target").resolve(side + "-exec.jar");
  }

  /** Starts a node of another version, with the settings of the others. */
  ServiceProcess start(Path jar, String side, int number) {
    return start(jar, side, number, Duration.ZERO, Map.of());
  }

  private ServiceProcess start(
      Path jar, String side, int number, Duration clockAhead, Map<String, String> more) {
    var options = new ArrayList<>(jvm);
    options.addAll(ShiftedClock.options(clockAhead));
    // A virtual machine with a patch does without any archive.
    if (!FULL && clockAhead.isZero()) options.addAll(classArchive(jar, number == 0));
    var all = new HashMap<>(settings);
    if (side.equals("query-side")) all.putAll(ofQuerySides);
    all.putAll(more);
    return ServiceProcess.start(
        jar, options, all, Path.of("target", "processes", name, side + "-" + number + ".log"));
  }

  /**
   * Options by which nodes find classes as an earlier one left them when it ended: loading and
   * checking them is a good part of a start. The virtual machine does without an archive that does
   * not fit, such as that of an earlier build.
   *
   * @param writes whether the node leaves them; two that end at once must not write the same file
   */
  private static List<String> classArchive(Path jar, boolean writes) {
    Path archive = jar.resolveSibling(jar.getFileName() + ".jsa").toAbsolutePath();
    var options = new ArrayList<>(List.of("-XX:SharedArchiveFile=" + archive));
    if (writes) options.add("-XX:+AutoCreateSharedArchive");
    // What the virtual machine says of the archive is no output of the node.
    options.add("-Xlog:disable");
    return options;
  }

  /** The address of imports on a command-side, chosen by a number. */
  String commands(int number) {
    return commandNodes.get(number % commandNodes.size()).url() + "/imports/";
  }

  /** The address of imports on a query-side, chosen by a number. */
  String queries(int number) {
    return queryNodes.get(number % queryNodes.size()).url() + "/imports/";
  }

  /** What a node tells of itself under this name. */
  static String metric(ServiceProcess node, String name) {
    try (var client = new ImportsClient(KEY, 1)) {
      String metrics = client.send("GET", node.url() + "/actuator/prometheus", null).body();
      return metrics
          .lines()
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.lastIndexOf(' ') + 1))
          .findFirst()
          .orElseThrow();
    }
  }

  /** Waits until all projections show what is stored. */
  void awaitProjections() throws SQLException {
    for (String name : List.of("imports", "summary")) {
      String lag = "imports_projection_lag_events{projection=\"" + name + "\"";
      Audit.await(name + " is there", () -> metric(queryNodes.getFirst(), lag).equals("0.0"));
    }
  }

  Audit audit() {
    return audit(eventsTopic);
  }

  /** Of a topic that is to hold every event. */
  Audit audit(String topic) {
    return new Audit(database, kafka(), topic);
  }

  /** Where the nodes find Kafka. */
  String kafka() {
    return Objects.requireNonNull(settings.get("spring.kafka.bootstrap-servers"));
  }

  @Override
  public void close() {
    // All at once: each may take a moment to finish what it accepted.
    try (var closing = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
      commandNodes.forEach(node -> closing.execute(node::close));
      queryNodes.forEach(node -> closing.execute(node::close));
    }
  }
}
