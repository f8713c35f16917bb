package com.sdragent.imports.web;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.springframework.context.SmartLifecycle;

/**
 * Lets clients go to other nodes before this one refuses connections. Readiness is 503 by then. As
 * long as requests come, they are answered, and each answer ends its connection; a node that nobody
 * asks any more stops soon. Nothing depends on this bean, so all that requests need goes on.
 */
final class Drain implements SmartLifecycle {
  private static final Duration QUIET = Duration.ofMillis(250);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(10);

  private final Duration atMost;
  private final List<HttpProtocol> protocols = new CopyOnWriteArrayList<>();
  private volatile boolean running;

  /**
   * @param atMost how long requests may go on coming
   */
  Drain(Duration atMost) {
    this.atMost = atMost;
  }

  void add(HttpProtocol protocol) {
    protocols.add(protocol);
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public void stop() {
    running = false;
    if (atMost.isZero()) return;
    long end = System.nanoTime() + atMost.toNanos();
    protocols.forEach(HttpProtocol::leave);
    while (System.nanoTime() < end && !protocols.stream().allMatch(Drain::isLeft)) {
      LockSupport.parkNanos(LOOK_AGAIN.toNanos());
    }
  }

  private static boolean isLeft(HttpProtocol protocol) {
    return protocol.quietFor().compareTo(QUIET) >= 0;
  }

  /** Others that end first do so meanwhile. */
  @Override
  public void stop(Runnable callback) {
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                stop();
              } finally {
                callback.run();
              }
            });
  }
}
