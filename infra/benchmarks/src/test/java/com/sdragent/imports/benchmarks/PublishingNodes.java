package com.sdragent.imports.benchmarks;

import com.sdragent.imports.testservers.ServiceProcess;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The command nodes of a cluster as somebody sees them who looks for the one that publishes. */
final class PublishingNodes {
  private final Cluster cluster;
  private final ImportsClient client;

  PublishingNodes(Cluster cluster, ImportsClient client) {
    this.cluster = cluster;
    this.client = client;
  }

  /** For faults that last: nothing is waited for. */
  static void pause(Duration length) {
    long end = System.nanoTime() + length.toNanos();
    while (System.nanoTime() < end) LockSupport.parkNanos(end - System.nanoTime());
  }

  /** Waits until one publishes, and says which. */
  int awaitActive() throws Exception {
    return awaitActiveBut(-1);
  }

  /** Waits until one that is not this one publishes, and says which. */
  int awaitActiveBut(int other) throws Exception {
    int[] found = {-1};
    try {
      Audit.await(
          "a relay is active",
          () -> {
            for (int i = 0; i < cluster.commandNodes.size(); i++) {
              if (i != other && "active".equals(relay(i, "relay"))) found[0] = i;
            }
            return found[0] >= 0;
          });
    } catch (AssertionError e) {
      for (int i = 0; i < cluster.commandNodes.size(); i++) {
        if (i != other) e.addSuppressed(new AssertionError(state(cluster.commandNodes.get(i))));
      }
      throw e;
    }
    return found[0];
  }

  /** All that can be seen of a node from outside when it does not do what it should. */
  private String state(ServiceProcess node) {
    String health;
    try {
      health = client.send("GET", node.url() + "/actuator/health", null).body();
    } catch (RuntimeException e) {
      health = e.toString();
    }
    List<String> output = node.output().lines().toList();
    return "alive %s, health %s%n%s"
        .formatted(
            node.isAlive(),
            health,
            String.join("\n", output.subList(Math.max(0, output.size() - 60), output.size())));
  }

  /** Waits until one publishes and all others stand by, whichever has the turn by now. */
  void awaitOneActive() throws Exception {
    Audit.await(
        "one relay is active and the others stand by",
        () -> {
          int active = 0;
          int others = 0;
          for (int i = 0; i < cluster.commandNodes.size(); i++) {
            String relay = relay(i, "relay");
            if ("active".equals(relay)) active++;
            if ("standby".equals(relay)) others++;
          }
          return active == 1 && others == cluster.commandNodes.size() - 1;
        });
  }

  /** Up to where this node has published, -1 when it does not say. */
  long position(int node) {
    String position = relay(node, "position");
    return position == null || position.isEmpty() ? -1 : Long.parseLong(position);
  }

  private @Nullable String relay(int node, String detail) {
    try {
      JsonNode health =
          client
              .send("GET", cluster.commandNodes.get(node).url() + "/actuator/health", null)
              .json();
      return health.at("/components/relay/details/" + detail).asString("");
    } catch (RuntimeException e) {
      return null;
    }
  }

  /**
   * Clients that create and update until it is closed; a node that is away is no reason to stop.
   */
  final class Load implements AutoCloseable {
    private final AtomicBoolean done = new AtomicBoolean();
    private final CompletableFuture<?>[] writers;

    /**
     * @param pause between one import and the next, not longer than twice this
     */
    Load(int clients, Duration pause) {
      writers = new CompletableFuture<?>[clients];
      for (int i = 0; i < clients; i++) {
        int number = i;
        writers[i] =
            CompletableFuture.runAsync(() -> write(number, pause), Thread::startVirtualThread);
      }
    }

    /** Each keeps to one node, so that a frozen one holds up only those that are its own. */
    private void write(int number, Duration pause) {
      while (!done.get()) {
        try {
          String url = cluster.commands(number);
          var created = client.send("POST", url, "{\"source\":\"csv_upload\"}");
          if (created.status() == 201) {
            String id = created.json().get("id").stringValue();
            client.send("PUT", url + id, "{\"total_rows\":5}");
          }
        } catch (UncheckedIOException e) {
          // Killed or frozen: what became of it, the store says.
          pause(Duration.ofMillis(100));
        }
        pause(Duration.ofNanos(ThreadLocalRandom.current().nextLong(1 + 2 * pause.toNanos())));
      }
    }

    @Override
    public void close() {
      done.set(true);
      CompletableFuture.allOf(writers).join();
    }
  }
}
