package com.sdragent.imports.tool.verify;

import com.sdragent.imports.tool.terminal.CannotLookException;
import com.sdragent.imports.tool.terminal.NamedFile;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The Kafka topic that checkpoints are published to: a mixin. */
final class TopicOptions {
  @Option(
      names = "--topic",
      description = "A Kafka topic that checkpoints are published to, such as imports.checkpoints")
  private @Nullable String topic;

  @Option(
      names = "--bootstrap-servers",
      paramLabel = "HOST:PORT",
      defaultValue = "${env:SPRING_KAFKA_BOOTSTRAPSERVERS:-localhost:19092}",
      description = {
        "Where Kafka is. Default: the environment variable",
        "SPRING_KAFKA_BOOTSTRAPSERVERS, or localhost:19092"
      })
  private String bootstrapServers = "";

  @Option(
      names = "--kafka-config",
      paramLabel = "FILE",
      description = "Settings of Kafka's clients, such as security.protocol and ssl.*")
  private @Nullable Path config;

  boolean isGiven() {
    return topic != null;
  }

  /**
   * The topic that was named.
   *
   * @throws CannotLookException when the settings cannot be read
   */
  WitnessTopic open() throws CannotLookException {
    if (topic == null) throw new IllegalStateException("No topic was named");
    var settings = new Properties();
    if (config != null) {
      var file = new NamedFile("--kafka-config", config);
      String text = new String(file.read("correct the name"), StandardCharsets.UTF_8);
      try {
        settings.load(new StringReader(text));
      } catch (IOException | IllegalArgumentException e) {
        throw new CannotLookException(
            "--kafka-config: " + config + " is no file of properties: " + e.getMessage(), e);
      }
    }
    settings.put("bootstrap.servers", bootstrapServers);
    return new WitnessTopic(topic, settings);
  }
}
