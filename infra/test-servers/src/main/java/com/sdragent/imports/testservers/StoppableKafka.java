package com.sdragent.imports.testservers;

import com.sdragent.imports.embedded.DataDirectory;
import com.sdragent.imports.embedded.SingleNodeKafka;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A broker of one test's own, which goes and comes back with its data and its address. */
public final class StoppableKafka implements AutoCloseable {
  private final Path path = TemporaryDirectory.create("stoppable-kafka");
  private final DataDirectory directory = DataDirectory.take(path);
  private @Nullable SingleNodeKafka broker;
  private int port;

  private StoppableKafka() {}

  /** Starts it on any free port. */
  public static StoppableKafka running() {
    var kafka = new StoppableKafka();
    kafka.start();
    return kafka;
  }

  /** Starts it again, with the data it had. */
  public void start() {
    SingleNodeKafka started = SingleNodeKafka.start(directory, port);
    port = URI.create("kafka://" + started.bootstrapServers()).getPort();
    broker = started;
  }

  /** Stops it and keeps its data. */
  public void stop() {
    SingleNodeKafka running = broker;
    broker = null;
    if (running != null) running.close();
  }

  /** Where clients find it, also after it came back. */
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
