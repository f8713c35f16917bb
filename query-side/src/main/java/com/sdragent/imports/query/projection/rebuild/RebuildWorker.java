package com.sdragent.imports.query.projection.rebuild;

import com.sdragent.imports.loops.Loops;
import com.sdragent.imports.loops.SupervisedLoop;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the steps of a projection's rebuild in turns with the other query nodes, so that a node
 * that dies is no loss.
 */
final class RebuildWorker {
  private static final Logger log = LoggerFactory.getLogger(RebuildWorker.class);
  private static final Duration POLL = Duration.ofSeconds(1);

  /** How long it rests while no rebuild runs, in case that a notification was lost. */
  private static final Duration IDLE = Duration.ofSeconds(30);

  private final Rebuild rebuild;
  private final SupervisedLoop loop;
  private @Nullable String told;

  RebuildWorker(String projection, Rebuild rebuild, Loops loops) {
    this.rebuild = rebuild;
    loop = loops.loop("rebuild of " + projection, this::round);
  }

  void wake() {
    loop.wake();
  }

  void start() {
    loop.start();
  }

  /** Ends without waiting for a step that may take long: another node takes it again. */
  void end() {
    loop.end();
  }

  boolean isRunning() {
    return loop.isRunning();
  }

  private void round() throws InterruptedException {
    boolean isUnderWay = true;
    boolean more = false;
    try {
      isUnderWay = rebuild.isUnderWay();
      more = isUnderWay && rebuild.step();
      told = null;
    } catch (RuntimeException e) {
      // The step is taken again, for example because the database was away or a lock was not free.
      if (loop.isRunning()) tellOnce(rebuild.noteFailure(e));
    }
    if (!more) loop.rest(isUnderWay ? POLL : Loops.spread(IDLE));
  }

  private void tellOnce(String reason) {
    if (!reason.equals(told)) log.warn("A step of the rebuild is repeated: {}", reason);
    told = reason;
  }
}
