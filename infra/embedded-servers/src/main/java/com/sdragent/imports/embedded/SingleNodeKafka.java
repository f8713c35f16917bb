package com.sdragent.imports.embedded;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real Kafka broker and controller (KRaft) in this process, on loopback, whose data are kept. One
 * node keeps one copy, for one machine, so it acknowledges only what it has flushed to its disk.
 */
public final class SingleNodeKafka implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SingleNodeKafka.class);
  private static final int NODE = 1;
  private static final String CONTROLLER = "CONTROLLER";
  private static final int CLEANER_BYTES = 16 * 1024 * 1024;

  private final KafkaRaftServer server;
  private final int port;

  private SingleNodeKafka(KafkaRaftServer server, int port) {
    this.server = server;
    this.port = port;
  }

  /**
   * Starts the broker on the data below the directory, which are created if there are none.
   *
   * @param port the port on loopback; 0 for any that is free
   * @throws ServerStartException when it cannot run there
   */
  public static SingleNodeKafka start(DataDirectory directory, int port) {
    return start(directory, port, Map.of());
  }

  /**
   * Starts the broker with Kafka settings in place of the default ones here.
   *
   * @throws ServerStartException as above
   */
  public static SingleNodeKafka start(
      DataDirectory directory, int port, Map<String, String> settings) {
    int free = Ports.free(port, "imports.standalone.kafka-port");
    Path logs = directory.plain("kafka");
    try {
      format(logs);
      Properties properties = properties(logs, free);
      properties.putAll(settings);
      var server = new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
      server.startup();
      return new SingleNodeKafka(server, free);
    } catch (Exception e) {
      throw directory.refused(
          "Kafka did not start on port %s with the data in %s: %s"
              .formatted(free, directory.resolve("kafka"), e.getMessage()),
          e);
    }
  }

  /** The address at which clients find the broker. */
  public String bootstrapServers() {
    return "localhost:" + port;
  }

  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
  }

  private static void format(Path logs) throws Exception {
    if (Files.exists(logs.resolve("meta.properties"))) return;
    log.info("Formatting Kafka's storage in {} …", logs);
    new Formatter()
        .setPrintStream(
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
        .setNodeId(NODE)
        .setClusterId(Uuid.randomUuid().toString())
        .addDirectory(logs.toString())
        .setControllerListenerName(CONTROLLER)
        .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
        .run();
  }

  static Properties properties(Path logs, int port) {
    int controllerPort = Ports.free(0, "");
    var properties = new Properties();
    properties.put("process.roles", "broker,controller");
    properties.put("node.id", Integer.toString(NODE));
    properties.put("log.dirs", logs.toString());
    properties.put(
        "listeners",
        "PLAINTEXT://localhost:" + port + "," + CONTROLLER + "://localhost:" + controllerPort);
    properties.put("advertised.listeners", "PLAINTEXT://localhost:" + port);
    properties.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    properties.put("controller.listener.names", CONTROLLER);
    properties.put("controller.quorum.voters", NODE + "@localhost:" + controllerPort);
    // Nobody else has a copy, and acknowledged records must survive a power cut.
    properties.put("log.flush.interval.messages", "1");
    // One broker holds the only copy of the internal topics.
    properties.put("offsets.topic.replication.factor", "1");
    properties.put("offsets.topic.num.partitions", "3");
    properties.put("transaction.state.log.replication.factor", "1");
    properties.put("transaction.state.log.min.isr", "1");
    properties.put("transaction.state.log.num.partitions", "1");
    properties.put("share.coordinator.state.topic.replication.factor", "1");
    properties.put("share.coordinator.state.topic.min.isr", "1");
    properties.put("share.coordinator.state.topic.num.partitions", "1");
    properties.put("group.initial.rebalance.delay.ms", "0");
    // After a crash, the broker may register again once its old session has run out. The timeout is
    // short, but longer than a machine under load keeps a thread waiting, because a broker that
    // missed it leads nothing.
    properties.put("broker.session.timeout.ms", "4000");
    properties.put("broker.heartbeat.interval.ms", "500");
    // The cleaner keeps this much of the heap for ever: enough for 600,000 keys at once, instead of
    // Kafka's 128 MB, with which a small heap is so full that its collector never rests.
    properties.put("log.cleaner.dedupe.buffer.size", Integer.toString(CLEANER_BYTES));
    properties.put("num.network.threads", "2");
    properties.put("num.io.threads", "2");
    properties.put("auto.create.topics.enable", "false");
    return properties;
  }
}
