package com.sdragent.imports.command.publication;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/**
 * Renews a lease until it is closed, however long one call to Kafka takes: without that, two nodes
 * would take it from each other and abort each other's transactions for ever. A process that stands
 * still renews nothing, so a frozen node loses its lease. Every call to Kafka ends in time, so one
 * that lives does not keep it for nothing.
 */
final class LeaseKeeper implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LeaseKeeper.class);

  private final CountDownLatch closed = new CountDownLatch(1);
  private final Duration lease;
  private final Runnable renewal;
  private final Thread thread;

  /**
   * @param lease how long it lasts unless it is renewed
   * @param renewal renews it, when nobody else has taken it
   */
  LeaseKeeper(Duration lease, Runnable renewal) {
    this.lease = lease;
    this.renewal = renewal;
    thread = Thread.ofVirtual().name("lease-keeper").start(this::run);
  }

  private void run() {
    try {
      while (!closed.await(lease.toNanos() / 3, TimeUnit.NANOSECONDS)) renew();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void renew() {
    try {
      renewal.run();
    } catch (DataAccessException e) {
      log.debug("The lease cannot be renewed now", e);
    }
  }

  /** No renewal follows. */
  @Override
  public void close() {
    closed.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
