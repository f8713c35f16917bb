package com.sdragent.imports.access.limits;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.sql.Connection;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Draws requests from the buckets in PostgreSQL, for all callers who ask meanwhile with one
 * statement. A thread of its own draws, with one connection, so however slow PostgreSQL is, no
 * request waits longer than {@link SharedQuota#PATIENCE}.
 */
final class SharedQuotas {
  private static final Logger log = LoggerFactory.getLogger(SharedQuotas.class);
  private static final int MOST_AT_ONCE = 1000;
  private static final int ENDS_WITHIN_SECONDS = 2;
  private static final Duration TRY_AGAIN = Duration.ofSeconds(1);
  private static final Duration SWEEP = Duration.ofMinutes(1);

  /** By the server's clock alone. What came back cannot be more than the limit. */
  private static final String DRAW =
      """
      insert into request_quota as q (id, most, per_second, brought, remaining, drawn_at)
      select id, most, per_second, least(wanted, most), most - least(wanted, most), clock_timestamp()
      from unnest(?::text[], ?::bigint[], ?::float8[], ?::bigint[])
        as asked (id, most, per_second, wanted)
      order by id
      on conflict (id) do update set (brought, remaining, drawn_at) = (
        select least(excluded.brought, floor(there + 1e-6)),
               greatest(0, there - least(excluded.brought, floor(there + 1e-6))),
               greatest(q.drawn_at, excluded.drawn_at)
        from (select least(q.most, q.remaining + q.per_second
                * greatest(0, extract(epoch from excluded.drawn_at - q.drawn_at)))) as now (there))
      returning id, brought, remaining
      """;

  /** A bucket that is full again is as one that was never there. */
  private static final String FORGET_FULL =
      """
      delete from request_quota where id in (
        select id from request_quota
        where drawn_at + make_interval(secs => (most - remaining) / per_second) < clock_timestamp()
        limit 10000 for update skip locked)
      """;

  private final JdbcTemplate jdbc;
  private final Timer times;
  private final Set<SharedQuota> asking = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean isDrawing = new AtomicBoolean();
  private volatile long begunAt;
  private volatile boolean isInDraw;
  private volatile boolean isAway;
  private volatile long nextTry;
  private long nextSweep = System.nanoTime();

  private record Draw(SharedQuota quota, long wanted) {}

  private record Brought(long requests, double remaining) {}

  SharedQuotas(DataSource database, MeterRegistry meters) {
    times =
        Timer.builder("imports.access.limits.draw")
            .description("Time of a draw of requests from the counts that all nodes share")
            .register(meters);
    jdbc = new JdbcTemplate(database);
    jdbc.setQueryTimeout(ENDS_WITHIN_SECONDS);
  }

  /** Whether a draw is worth waiting for. */
  boolean answers() {
    return !isAway && !(isInDraw && System.nanoTime() - begunAt > SharedQuota.PATIENCE.toNanos());
  }

  /** Draws for this one soon. Once a second it is seen whether PostgreSQL is back. */
  void ask(SharedQuota quota) {
    asking.add(quota);
    if (isAway && System.nanoTime() - nextTry < 0) return;
    drawSoon();
  }

  private void drawSoon() {
    if (isDrawing.compareAndSet(false, true)) {
      Thread.ofVirtual().name("request quotas").start(this::drawAll);
    }
  }

  private void drawAll() {
    try {
      do draw();
      while (!asking.isEmpty() && !isAway);
      sweepNowAndThen();
    } finally {
      isDrawing.set(false);
      if (!asking.isEmpty() && !isAway) drawSoon();
    }
  }

  private void draw() {
    List<SharedQuota> quotas = asking.stream().limit(MOST_AT_ONCE).toList();
    quotas.forEach(asking::remove);
    // Nodes that draw from the same rows do so in the same order, so none waits for another in
    // turn.
    List<Draw> draws =
        quotas.stream()
            .sorted(Comparator.comparing(SharedQuota::name))
            .map(quota -> new Draw(quota, quota.begin()))
            .toList();
    begunAt = System.nanoTime();
    isInDraw = true;
    Map<String, Brought> brought = Map.of();
    try {
      brought = brought(draws);
      boolean isSlow = System.nanoTime() - begunAt > SharedQuota.PATIENCE.toNanos();
      times.record(System.nanoTime() - begunAt, TimeUnit.NANOSECONDS);
      if (isSlow) away("PostgreSQL is slow to count requests");
      else back();
    } catch (DataAccessException e) {
      away("PostgreSQL cannot count requests (" + e.getMostSpecificCause().getMessage() + ")");
    } finally {
      isInDraw = false;
      for (Draw draw : draws) {
        Brought one = brought.get(draw.quota().name());
        if (one == null) draw.quota().fail();
        else draw.quota().end(draw.wanted(), one.requests(), one.remaining());
      }
    }
  }

  private Map<String, Brought> brought(List<Draw> draws) {
    var brought = new HashMap<String, Brought>();
    jdbc.query(
        DRAW,
        statement -> {
          Connection connection = statement.getConnection();
          statement.setArray(
              1, connection.createArrayOf("text", each(draws, draw -> draw.quota().name())));
          statement.setArray(
              2,
              connection.createArrayOf("int8", each(draws, draw -> draw.quota().limit().most())));
          statement.setArray(
              3,
              connection.createArrayOf(
                  "float8", each(draws, draw -> draw.quota().limit().perSecond())));
          statement.setArray(4, connection.createArrayOf("int8", each(draws, Draw::wanted)));
        },
        row -> {
          brought.put(row.getString(1), new Brought(row.getLong(2), row.getDouble(3)));
        });
    return brought;
  }

  private static Object[] each(List<Draw> draws, Function<Draw, Object> part) {
    return draws.stream().map(part).toArray();
  }

  private void away(String problem) {
    nextTry = System.nanoTime() + TRY_AGAIN.toNanos();
    if (isAway) return;
    isAway = true;
    log.warn("{}: this node counts requests for itself until PostgreSQL answers", problem);
  }

  private void back() {
    if (!isAway) return;
    isAway = false;
    log.warn("All nodes count requests together again");
  }

  private void sweepNowAndThen() {
    long now = System.nanoTime();
    if (now - nextSweep < 0 || isAway) return;
    nextSweep = now + SWEEP.toNanos();
    try {
      while (asking.isEmpty() && jdbc.update(FORGET_FULL) > 0) {}
    } catch (DataAccessException e) {
      log.debug("Full buckets are forgotten later", e);
    }
  }
}
