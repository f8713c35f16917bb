package com.sdragent.imports.standalone;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the standalone keeps its servers.
 *
 * @param dataDirectory where PostgreSQL's and Kafka's data are kept
 * @param postgresPort the port of PostgreSQL on loopback
 * @param kafkaPort the port of Kafka on loopback
 * @param demo whether the published document's key and a printed token open a demo organization: on
 *     a loopback address only, and only when no other API keys or issuer are set
 */
@ConfigurationProperties("imports.standalone")
record StandaloneProperties(
    @DefaultValue(".data") String dataDirectory,
    @DefaultValue("15432") int postgresPort,
    @DefaultValue("19092") int kafkaPort,
    @DefaultValue("true") boolean demo) {

  StandaloneProperties {
    requirePort("postgres-port", postgresPort);
    requirePort("kafka-port", kafkaPort);
  }

  private static void requirePort(String name, int port) {
    if (port >= 0 && port <= 65535) return;
    throw new IllegalArgumentException(
        "imports.standalone." + name + " must be a port from 0 (any) to 65535");
  }
}
