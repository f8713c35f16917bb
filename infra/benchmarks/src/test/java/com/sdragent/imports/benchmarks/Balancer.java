package com.sdragent.imports.benchmarks;

import com.sdragent.imports.benchmarks.ImportsClient.Answer;
import com.sdragent.imports.testservers.ServiceProcess;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What is in front of nodes: it sends each request to one of those that said lately that they are
 * ready, and to another one when that refuses a new connection. It sends nothing twice.
 */
final class Balancer implements AutoCloseable {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(500);

  private final ImportsClient client;
  private final AtomicInteger turn = new AtomicInteger();
  private final List<ServiceProcess> nodes = new CopyOnWriteArrayList<>();
  private final List<ServiceProcess> ready = new CopyOnWriteArrayList<>();
  private final Thread looking;
  private volatile boolean closed;

  /** Of nodes that are ready. */
  Balancer(ImportsClient client, List<ServiceProcess> nodes) {
    this.client = client;
    nodes.forEach(this::add);
    looking = Thread.ofVirtual().start(this::look);
  }

  /** Takes a node that is ready. */
  void add(ServiceProcess node) {
    nodes.add(node);
    ready.add(node);
  }

  /**
   * Sends a request to a node.
   *
   * @return the answer, or nothing when no node is there
   * @throws UncheckedIOException when no answer came
   */
  Optional<Answer> send(String method, String path, @Nullable String body) {
    while (true) {
      List<ServiceProcess> there = List.copyOf(ready);
      if (there.isEmpty()) return Optional.empty();
      ServiceProcess node = there.get(Math.floorMod(turn.getAndIncrement(), there.size()));
      try {
        return Optional.of(client.send(method, node.url() + path, body));
      } catch (UncheckedIOException e) {
        if (!(e.getCause() instanceof ConnectException)) throw e;
        ready.remove(node);
      }
    }
  }

  private void look() {
    while (!closed) {
      for (ServiceProcess node : nodes) {
        if (isReady(node)) {
          if (!ready.contains(node)) ready.add(node);
        } else {
          ready.remove(node);
        }
      }
      LockSupport.parkNanos(LOOK_AGAIN.toNanos());
    }
  }

  private boolean isReady(ServiceProcess node) {
    try {
      return client.send("GET", node.url() + "/actuator/health/readiness", null).status() == 200;
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  /** Looks no more. */
  @Override
  public void close() throws InterruptedException {
    closed = true;
    looking.join();
  }
}
