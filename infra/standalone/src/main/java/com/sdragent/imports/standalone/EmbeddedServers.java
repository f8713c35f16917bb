package com.sdragent.imports.standalone;

import com.sdragent.imports.embedded.DataDirectory;
import com.sdragent.imports.embedded.DurablePostgres;
import com.sdragent.imports.embedded.Ports;
import com.sdragent.imports.embedded.ServerStartException;
import com.sdragent.imports.embedded.SingleNodeKafka;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * The servers of this process, which are stopped after the application. PostgreSQL is started
 * before it, and Kafka beside both: nothing needs Kafka before the relay starts.
 */
final class EmbeddedServers implements AutoCloseable {
  private final DataDirectory directory;
  private final DurablePostgres postgres;
  private final FutureTask<SingleNodeKafka> kafka;
  private final int kafkaPort;

  private EmbeddedServers(
      DataDirectory directory,
      DurablePostgres postgres,
      FutureTask<SingleNodeKafka> kafka,
      int kafkaPort) {
    this.directory = directory;
    this.postgres = postgres;
    this.kafka = kafka;
    this.kafkaPort = kafkaPort;
  }

  /**
   * Starts PostgreSQL and begins to start Kafka, or starts none.
   *
   * @throws ServerStartException with one line that says why
   */
  static EmbeddedServers start(StandaloneProperties properties) {
    var directory = DataDirectory.take(DataDirectory.named(properties.dataDirectory()));
    try {
      int port = Ports.free(properties.kafkaPort(), "imports.standalone.kafka-port");
      var kafka = new FutureTask<>(() -> SingleNodeKafka.start(directory, port));
      Thread.ofPlatform().name("kafka-start").start(kafka);
      try {
        var postgres = DurablePostgres.start(directory, properties.postgresPort());
        return new EmbeddedServers(directory, postgres, kafka, port);
      } catch (RuntimeException e) {
        close(kafka);
        throw e;
      }
    } catch (RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  /**
   * Waits until Kafka runs.
   *
   * @throws ServerStartException with one line that says why it does not
   */
  void awaitKafka() {
    started(kafka);
  }

  String jdbcUrl() {
    return postgres.jdbcUrl();
  }

  String kafkaServers() {
    return "localhost:" + kafkaPort;
  }

  @Override
  public void close() {
    close(kafka);
    postgres.close();
    directory.close();
  }

  /** Kafka must not write on when the directory is free for another process. */
  private static void close(FutureTask<SingleNodeKafka> kafka) {
    boolean interrupted = false;
    while (true) {
      try {
        kafka.get().close();
        break;
      } catch (ExecutionException e) {
        break; // There is nothing to stop, and its start has told why.
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) Thread.currentThread().interrupt();
  }

  private static SingleNodeKafka started(FutureTask<SingleNodeKafka> kafka) {
    try {
      return kafka.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ServerStartException reason) throw reason;
      throw new IllegalStateException("Kafka did not start", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("The start of Kafka was interrupted", e);
    }
  }
}
