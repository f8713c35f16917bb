package com.sdragent.imports.standalone;

import com.sdragent.imports.embedded.DataDirectory;
import com.sdragent.imports.embedded.DurablePostgres;
import com.sdragent.imports.embedded.SingleNodeKafka;

/** The servers of this process, which are started before the application and stopped after it. */
final class EmbeddedServers implements AutoCloseable {
  private final DataDirectory directory;
  private final DurablePostgres postgres;
  private final SingleNodeKafka kafka;

  private EmbeddedServers(
      DataDirectory directory, DurablePostgres postgres, SingleNodeKafka kafka) {
    this.directory = directory;
    this.postgres = postgres;
    this.kafka = kafka;
  }

  /**
   * Starts both servers, or none.
   *
   * @throws com.sdragent.imports.embedded.ServerStartException with one line that says why
   */
  static EmbeddedServers start(StandaloneProperties properties) {
    var directory = DataDirectory.take(DataDirectory.named(properties.dataDirectory()));
    try {
      var postgres = DurablePostgres.start(directory, properties.postgresPort());
      try {
        var kafka = SingleNodeKafka.start(directory, properties.kafkaPort());
        return new EmbeddedServers(directory, postgres, kafka);
      } catch (RuntimeException e) {
        postgres.close();
        throw e;
      }
    } catch (RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  String jdbcUrl() {
    return postgres.jdbcUrl();
  }

  String kafkaServers() {
    return kafka.bootstrapServers();
  }

  @Override
  public void close() {
    kafka.close();
    postgres.close();
    directory.close();
  }
}
