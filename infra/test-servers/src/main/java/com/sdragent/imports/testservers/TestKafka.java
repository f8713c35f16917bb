package com.sdragent.imports.testservers;

import com.sdragent.imports.embedded.DataDirectory;
import com.sdragent.imports.embedded.SingleNodeKafka;
import java.nio.file.Path;
import org.testcontainers.kafka.KafkaContainer;

/** One Kafka broker for all tests of a JVM, started at the first call, stopped at the JVM's end. */
public final class TestKafka {
  private TestKafka() {}

  /**
   * The address at which clients find the broker. Tests share it, so each uses topics of its own.
   */
  public static String bootstrapServers() {
    return Server.ADDRESS;
  }

  private static final class Server {
    static final String ADDRESS = start();

    private static String start() {
      if (Containers.areAvailable()) {
        // Testcontainers stops it at the JVM's end.
        @SuppressWarnings("resource")
        var container = new KafkaContainer("apache/kafka:4.1.2");
        container.start();
        return container.getBootstrapServers();
      }
      Path directory = TemporaryDirectory.create("kafka");
      var broker = SingleNodeKafka.start(DataDirectory.take(directory), 0, StoppableKafka.NO_FLUSH);
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    broker.close();
                    TemporaryDirectory.delete(directory);
                  }));
      return broker.bootstrapServers();
    }
  }
}
