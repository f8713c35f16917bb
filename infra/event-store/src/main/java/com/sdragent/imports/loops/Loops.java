package com.sdragent.imports.loops;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** All loops of this process. They are made here and are part of its liveness. */
public final class Loops implements HealthIndicator {
  /** Long enough for passing troubles, such as a lack of memory under load. */
  private static final Duration ILL_AFTER = Duration.ofMinutes(1);

  private static final Duration LONGEST_REST = Duration.ofSeconds(1);

  private final MeterRegistry metrics;
  private final Duration illAfter;
  private final List<SupervisedLoop> loops = new CopyOnWriteArrayList<>();

  /** Counts the loops' failures in these metrics. */
  public Loops(MeterRegistry metrics) {
    this(metrics, ILL_AFTER);
  }

  /**
   * @param illAfter for how long a loop may fail before the process should be restarted
   */
  Loops(MeterRegistry metrics, Duration illAfter) {
    this.metrics = metrics;
    this.illAfter = illAfter;
  }

  /**
   * Between this and twice this, by chance, so that nodes which begin to wait together do not end
   * together.
   */
  public static Duration spread(Duration least) {
    return least.plusNanos(ThreadLocalRandom.current().nextLong(least.toNanos()));
  }

  /**
   * How long a loop lets work gather that has just done some. On a busy machine everything takes
   * longer, and then more is done at once.
   *
   * @param wanted how long it should rest, by how long the work took
   * @param usually how long it rests at least
   */
  public static Duration rest(Duration wanted, Duration usually) {
    Duration longest = longestRest(usually);
    if (wanted.compareTo(longest) > 0) return longest;
    return wanted.compareTo(usually) > 0 ? wanted : usually;
  }

  /** Five times as long as usually, but a second at most. */
  public static Duration longestRest(Duration usually) {
    Duration longest = usually.multipliedBy(5);
    if (longest.compareTo(LONGEST_REST) <= 0) return longest;
    return usually.compareTo(LONGEST_REST) > 0 ? usually : LONGEST_REST;
  }

  /**
   * A loop that has not been started yet.
   *
   * @param name what logs, metrics and thread dumps call the loop
   */
  public SupervisedLoop loop(String name, SupervisedLoop.Round round) {
    Counter failures =
        Counter.builder("imports.loop.failures")
            .description("Rounds of a background thread that failed unexpectedly")
            .tag("loop", name)
            .register(metrics);
    var loop = new SupervisedLoop(name, round, failures, illAfter);
    loops.add(loop);
    return loop;
  }

  @Override
  public Health health() {
    List<String> illnesses =
        loops.stream().map(SupervisedLoop::illness).filter(Objects::nonNull).toList();
    return illnesses.isEmpty()
        ? Health.up().build()
        : Health.down().withDetail("problem", String.join("; ", illnesses)).build();
  }
}
