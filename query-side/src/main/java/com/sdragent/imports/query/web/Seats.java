package com.sdragent.imports.query.web;

import com.sdragent.imports.web.ApiError;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Places for long answers of one kind. Their number is bounded for the node, and lower for each
 * organization, so that none can take all of them.
 */
public final class Seats {
  private final String kind;
  private final int atOnce;
  private final int perOrganization;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<UUID, Integer> taken = new HashMap<>();
  private int all;
  private final AtomicLong refused = new AtomicLong();

  /**
   * @param kind the name of the answers in errors that say that there are too many
   * @param atOnce how many there may be at the same time
   * @param perOrganization how many of them for one organization
   */
  public Seats(String kind, int atOnce, int perOrganization) {
    this.kind = kind;
    this.atOnce = atOnce;
    this.perOrganization = perOrganization;
  }

  /** A place that is taken until it is closed. */
  public interface Seat extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Lets an organization's answer in.
   *
   * @throws ApiError 503, when there are as many as there may be
   */
  public Seat enter(UUID organization) {
    return enter(organization, 1);
  }

  /**
   * Lets an organization's answer in that needs several places. Where an organization has fewer, it
   * gets them all.
   *
   * @throws ApiError 503, when not as many are free
   */
  Seat enter(UUID organization, int wanted) {
    int places = Math.min(wanted, perOrganization);
    lock.lock();
    try {
      int own = taken.getOrDefault(organization, 0);
      if (own + places > perOrganization) {
        refused.incrementAndGet();
        throw ApiError.unavailable(
            "Your organization has as many " + kind + " under way as it may have, try again");
      }
      if (all + places > atOnce) throw tooMany();
      all += places;
      taken.put(organization, own + places);
    } finally {
      lock.unlock();
    }
    return () -> leave(organization, places);
  }

  /** The error for answers that are too many for the node. */
  ApiError tooMany() {
    refused.incrementAndGet();
    return ApiError.unavailable("Too many " + kind + " are under way, try again");
  }

  /** How many places are taken. */
  public int taken() {
    lock.lock();
    try {
      return all;
    } finally {
      lock.unlock();
    }
  }

  /** How many were refused because there were too many. */
  public double refused() {
    return refused.get();
  }

  private void leave(UUID organization, int places) {
    lock.lock();
    try {
      all -= places;
      taken.computeIfPresent(organization, (_, count) -> count == places ? null : count - places);
    } finally {
      lock.unlock();
    }
  }
}
