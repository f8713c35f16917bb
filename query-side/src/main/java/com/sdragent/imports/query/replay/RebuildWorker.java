package com.sdragent.imports.query.replay;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Takes a rebuild's steps in turns with the other query nodes, so that one that dies is no loss.
 */
final class RebuildWorker implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(RebuildWorker.class);
  private static final Duration POLL = Duration.ofSeconds(1);

  private final Rebuild rebuild;
  private final Semaphore wakeUps = new Semaphore(0);
  private volatile boolean running;

  RebuildWorker(Rebuild rebuild) {
    this.rebuild = rebuild;
  }

  void wake() {
    if (wakeUps.availablePermits() == 0) wakeUps.release();
  }

  @Override
  public void start() {
    running = true;
    Thread.ofPlatform().daemon().name("rebuild").start(this::run);
  }

  @Override
  public void stop() {
    running = false;
    wake();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  private void run() {
    while (running) {
      boolean more = false;
      try {
        more = rebuild.step();
      } catch (Error e) {
        // Such as a lack of memory, which may pass.
        log.error("A step of the rebuild is repeated", e);
      } catch (RuntimeException e) {
        // A database that is away, a lock that was not to be had: the step is taken again.
        log.warn("A step of the rebuild is repeated: {}", rebuild.noteFailure(e));
      }
      try {
        if (!more && wakeUps.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
          wakeUps.drainPermits();
        }
      } catch (InterruptedException e) {
        return;
      }
    }
  }
}
