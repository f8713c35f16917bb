package com.sdragent.imports.command.publication;

import com.sdragent.imports.loops.Loops;
import com.sdragent.imports.loops.SupervisedLoop;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/**
 * Renews leases for as long as work goes on under them, however long one call to Kafka takes.
 * Otherwise, two nodes would take a lease from each other and abort each other's transactions for
 * ever. A process that stands still renews nothing, so a frozen node loses its lease. Every call to
 * Kafka ends in time, so a live node does not keep its lease for nothing.
 */
public final class LeaseKeeper {
  private static final Logger log = LoggerFactory.getLogger(LeaseKeeper.class);

  /**
   * How many times its length a lease may lie in the future, as a node with another setting may
   * have set it. A lease beyond that is by another clock, as after a failover: nobody would ever
   * see it run out.
   */
  public static final int MOST_LENGTHS_AHEAD = 20;

  /** The time for the thread to end: a renewal is one statement. */
  private static final Duration ENDS_WITHIN = Duration.ofSeconds(5);

  private final SupervisedLoop loop;
  private final Duration lease;
  private final Set<Kept> all = ConcurrentHashMap.newKeySet();

  /**
   * @param name the name of the keeper's thread
   * @param lease how long a lease lasts unless it is renewed
   */
  public LeaseKeeper(Loops loops, String name, Duration lease) {
    this.lease = lease;
    loop = loops.loop(name, this::round);
  }

  /** Starts the keeper's thread. */
  public void start() {
    loop.start();
  }

  /** Ends the keeper's thread. */
  public void stop() {
    loop.stop(ENDS_WITHIN);
  }

  /**
   * Keeps a lease that has just been taken.
   *
   * @param renewal renews the lease unless somebody else has taken it
   */
  public Kept keep(Runnable renewal) {
    var kept = new Kept(renewal);
    all.add(kept);
    return kept;
  }

  /** A lease that is renewed until this is closed. */
  public final class Kept implements AutoCloseable {
    private final Runnable renewal;
    private boolean closed;

    private Kept(Runnable renewal) {
      this.renewal = renewal;
    }

    private synchronized void renew() {
      if (closed) return;
      try {
        renewal.run();
      } catch (DataAccessException e) {
        log.debug("The lease cannot be renewed now", e);
      }
    }

    /** Ends the renewals. */
    @Override
    public void close() {
      all.remove(this);
      synchronized (this) {
        closed = true;
      }
    }
  }

  private void round() throws InterruptedException {
    loop.pause(lease.dividedBy(3));
    for (Kept kept : all) kept.renew();
  }
}
