package com.sdragent.imports.standalone;

import org.springframework.context.SmartLifecycle;

/**
 * Lets nothing of the application run before Kafka does, so that a Kafka that does not start is a
 * failure to start.
 */
final class KafkaStart implements SmartLifecycle {
  private final EmbeddedServers servers;
  private volatile boolean running;

  KafkaStart(EmbeddedServers servers) {
    this.servers = servers;
  }

  @Override
  public void start() {
    servers.awaitKafka();
    running = true;
  }

  @Override
  public void stop() {
    running = false;
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Before all others, above all the relay and the web server. */
  @Override
  public int getPhase() {
    return Integer.MIN_VALUE;
  }
}
