package com.sdragent.imports.testservers;

import com.sdragent.imports.embedded.Ports;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * A cluster of three Kafka brokers, each a process of its own from Kafka's own jars, broker and
 * controller at once. They have Kafka's defaults, except for the copies of its internal topics.
 */
public final class ThreeBrokers implements AutoCloseable {
  private static final String CONTROLLER = "CONTROLLER";
  private static final int BROKERS = 3;
  private static final long START_SECONDS = 60;

  private final Path directory;
  private final List<Integer> ports = new ArrayList<>();
  private final List<Process> processes = new ArrayList<>();

  private ThreeBrokers(Path directory) {
    this.directory = directory;
  }

  /** Starts the brokers and waits until all three are there. */
  public static ThreeBrokers running() {
    try {
      var brokers = new ThreeBrokers(TemporaryDirectory.create("three-brokers"));
      List<Integer> controllers = new ArrayList<>();
      for (int i = 0; i < BROKERS; i++) {
        brokers.ports.add(Ports.free(0, ""));
        controllers.add(Ports.free(0, ""));
      }
      String cluster = Uuid.randomUuid().toString();
      for (int i = 0; i < BROKERS; i++) brokers.format(i, cluster, controllers);
      for (int i = 0; i < BROKERS; i++) brokers.processes.add(brokers.start(i));
      brokers.await(BROKERS);
      return brokers;
    } catch (Exception e) {
      throw new IllegalStateException("The brokers did not start", e);
    }
  }

  /** The addresses at which clients find the brokers. */
  public String bootstrapServers() {
    return ports.stream().map(port -> "localhost:" + port).collect(Collectors.joining(","));
  }

  /** Which broker, from 0, leads a topic's first partition. */
  public int leaderOf(String topic) {
    try (Admin admin = admin()) {
      var described = admin.describeTopics(List.of(topic)).allTopicNames().get();
      return described.values().iterator().next().partitions().getFirst().leader().id() - 1;
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Kills a broker by {@code kill -9}: it gets no chance to finish anything. */
  public void kill(int broker) {
    try {
      processes.get(broker).destroyForcibly().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Kills a broker and waits until the others know that it is away. */
  public void killUntilNoticed(int broker) {
    kill(broker);
    await(BROKERS - 1);
  }

  /** Starts a killed broker with the data that it had, and waits until all are there. */
  public void restart(int broker) {
    try {
      processes.set(broker, start(broker));
      await(BROKERS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    for (int i = 0; i < processes.size(); i++) kill(i);
    TemporaryDirectory.delete(directory);
  }

  private void format(int number, String cluster, List<Integer> controllers) throws Exception {
    Path logs = directory.resolve("broker-" + number);
    new Formatter()
        .setPrintStream(
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
        .setNodeId(number + 1)
        .setClusterId(cluster)
        .addDirectory(logs.toString())
        .setControllerListenerName(CONTROLLER)
        .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
        .run();
    var settings = new Properties();
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", Integer.toString(number + 1));
    settings.put("log.dirs", logs.toString());
    settings.put(
        "listeners",
        "PLAINTEXT://localhost:%s,%s://localhost:%s"
            .formatted(ports.get(number), CONTROLLER, controllers.get(number)));
    settings.put("advertised.listeners", "PLAINTEXT://localhost:" + ports.get(number));
    settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    settings.put("controller.listener.names", CONTROLLER);
    settings.put(
        "controller.quorum.voters",
        IntStream.range(0, BROKERS)
            .mapToObj(i -> (i + 1) + "@localhost:" + controllers.get(i))
            .collect(Collectors.joining(",")));
    settings.put("offsets.topic.replication.factor", "3");
    settings.put("transaction.state.log.replication.factor", "3");
    settings.put("transaction.state.log.min.isr", "2");
    settings.put("transaction.state.log.num.partitions", "3");
    settings.put("auto.create.topics.enable", "false");
    try (var file = Files.newOutputStream(file(number))) {
      settings.store(file, null);
    }
  }

  private Path file(int number) {
    return directory.resolve("broker-" + number + ".properties");
  }

  private Process start(int number) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx384m",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            "kafka.Kafka",
            file(number).toString())
        .redirectErrorStream(true)
        .redirectOutput(
            ProcessBuilder.Redirect.appendTo(
                directory.resolve("broker-" + number + ".log").toFile()))
        .start();
  }

  private Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", bootstrapServers()));
  }

  private void await(int brokers) {
    long deadline = System.nanoTime() + START_SECONDS * 1_000_000_000L;
    try (Admin admin = admin()) {
      while (System.nanoTime() < deadline) {
        try {
          if (admin.describeCluster().nodes().get().size() == brokers) return;
        } catch (ExecutionException e) {
          // The broker does not answer yet.
        }
        LockSupport.parkNanos(100_000_000);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new IllegalStateException("There are not " + brokers + " brokers: see " + directory);
  }
}
