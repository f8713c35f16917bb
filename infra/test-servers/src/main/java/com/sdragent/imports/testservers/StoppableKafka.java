package com.sdragent.imports.testservers;

import com.sdragent.imports.embedded.DataDirectory;
import com.sdragent.imports.embedded.SingleNodeKafka;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A broker of one test's own, which goes and comes back with its data and its address. */
public final class StoppableKafka implements AutoCloseable {
  /** No test cuts the power. */
  static final Map<String, String> NO_FLUSH =
      Map.of("log.flush.interval.messages", Long.toString(Long.MAX_VALUE));

  private final Path path = TemporaryDirectory.create("stoppable-kafka");
  private final DataDirectory directory = DataDirectory.take(path);
  private @Nullable SingleNodeKafka broker;
  private int port;
  private final Map<String, String> settings = new HashMap<>(NO_FLUSH);

  private StoppableKafka(Map<String, String> settings) {
    this.settings.putAll(settings);
  }

  /** Starts it on any free port. */
  public static StoppableKafka running() {
    return running(Map.of());
  }

  /** Starts it on any free port, with settings of Kafka's own. */
  public static StoppableKafka running(Map<String, String> settings) {
    var kafka = new StoppableKafka(settings);
    kafka.start();
    return kafka;
  }

  /** Starts it again, with the data that it had; does nothing when it runs. */
  public void start() {
    if (broker != null) return;
    SingleNodeKafka started = SingleNodeKafka.start(directory, port, settings);
    port = URI.create("kafka://" + started.bootstrapServers()).getPort();
    broker = started;
  }

  /** Stops it and keeps its data. */
  public void stop() {
    SingleNodeKafka running = broker;
    broker = null;
    if (running != null) running.close();
  }

  /** The address at which clients find it, even after it has come back. */
  public String bootstrapServers() {
    return "localhost:" + port;
  }

  @Override
  public void close() {
    stop();
    directory.close();
    TemporaryDirectory.delete(path);
  }
}
