package com.sdragent.imports.tool.verify;

import com.sdragent.imports.tool.terminal.CannotLookException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A pass over the store: the chain and the checkpoints first, then the data derived from the
 * events.
 */
final class Verification {
  private static final int PROGRESS_EVERY = 1000;

  private final Connection connection;
  private final ChainReader log;
  private final HashChain chain = new HashChain();
  private final @Nullable Comparison comparison;
  private final List<Checkpoint> checkpoints;
  private final @Nullable Checkpoint start;
  private final LongConsumer progress;
  private @Nullable String store;
  private int nextCheckpoint;

  /**
   * A verification yet to be made.
   *
   * @param comparison the comparison, or null to check the chain alone
   * @param checkpoints whose signatures are right, which the store has to hold to
   * @param start the one of them after which the chain is read; null to read it from the first
   *     event
   * @param progress is told the positions that the chain has come to
   */
  Verification(
      Connection connection,
      @Nullable Comparison comparison,
      List<Checkpoint> checkpoints,
      @Nullable Checkpoint start,
      LongConsumer progress) {
    this.connection = connection;
    this.comparison = comparison;
    this.checkpoints =
        checkpoints.stream()
            .filter(one -> start == null || one.position() >= start.position())
            .sorted(Comparator.comparingLong(Checkpoint::position))
            .toList();
    this.start = start;
    this.progress = progress;
    log = new ChainReader(connection);
  }

  HashChain chain() {
    return chain;
  }

  int checkpointsHeld() {
    return nextCheckpoint;
  }

  /** The position of the last event that was not looked at; 0 when all are. */
  long after() {
    return start == null ? 0 : start.position();
  }

  /** The last position, or 0 when there is none. */
  long head() throws SQLException {
    return log.head();
  }

  /** By what checkpoints know the store; null when it is empty. To be asked after the pass. */
  @Nullable String store() {
    return store;
  }

  /**
   * The errors up to the head and in the derived data. A broken chain ends the pass there.
   *
   * @throws CannotLookException when not all can be seen
   */
  List<Finding> run(long head) throws SQLException, CannotLookException {
    List<Finding> findings = FullSight.look(connection, comparison != null);
    if (!findings.isEmpty()) return findings;
    List<ChainedEvent> first = log.few(0, 1);
    if (!first.isEmpty()) store = HexFormat.of().formatHex(first.getFirst().hash());
    holdStore(findings);
    if (findings.isEmpty()) holdEnds(findings);
    if (findings.isEmpty() && start != null) startAfter(start, head, findings);
    if (!findings.isEmpty()) return findings;
    readThrough(after(), head, findings);
    if (findings.isEmpty()) checkpointsAfterTheEnd(findings);
    if (!findings.isEmpty() || comparison == null) return findings;
    comparison.run();
    findings.addAll(comparison.findings());
    // The compared events have to be part of the chain too.
    long compared = comparison.lastPosition();
    if (compared > chain.position()) readThrough(chain.position(), compared, findings);
    return findings;
  }

  private void holdStore(List<Finding> findings) {
    String here = store;
    if (here == null) return;
    for (Checkpoint checkpoint : checkpoints) {
      if (checkpoint.store() == null || checkpoint.store().equals(here)) continue;
      findings.add(
          new Finding(
              "store",
              1L,
              null,
              "the checkpoint of %s is of a store that begins with the hash %s, and this one begins with %s: it is another store, or it was written anew from the first event"
                  .formatted(checkpoint.time(), checkpoint.store(), here)));
      return;
    }
  }

  /** Nothing may be where reading from the first position on does not come by. */
  private void holdEnds(List<Finding> findings) throws SQLException {
    long first = log.first().orElse(1);
    if (first < 1) {
      findings.add(new Finding("inserted", first, null, "no event has ever had this position"));
    } else if (log.withoutPosition() > 0) {
      findings.add(new Finding("inserted", null, null, "an event has no position"));
    }
  }

  /** The event of the checkpoint has to be there, under the hash of the one before it. */
  private void startAfter(Checkpoint from, long head, List<Finding> findings)
      throws SQLException, CannotLookException {
    long at = from.position();
    if (at == 0) return;
    var events = new ArrayList<ChainedEvent>();
    log.read(Math.max(0, at - 2), at, events::add);
    if (events.isEmpty() || events.getLast().position() != at) {
      // A standby may get the event between two looks, so the head of before counts.
      if (head < at) {
        chain.startAfter(head, new byte[HashChain.BYTES]);
        checkpointsAfterTheEnd(findings);
      } else {
        findings.add(new Finding("removed", at, null, "the event of the checkpoint is not there"));
      }
      return;
    }
    if (at > 1) chain.startAfter(at - 1, events.getFirst().hash());
    // A second one at either position does not follow.
    boolean follows = events.size() == Math.min(at, 2) && chain.follows(events.getLast());
    if (!follows || !from.hash().equals(HexFormat.of().formatHex(chain.hash()))) {
      findings.add(
          new Finding(
              "rewritten",
              at,
              null,
              "this is not the event of the checkpoint of %s: verify from the first event to see where the past was changed"
                  .formatted(from.time())));
    }
  }

  private void readThrough(long after, long through, List<Finding> findings) throws SQLException {
    if (chain.position() == after() && nextCheckpoint == 0) holdCheckpoints(findings);
    int before = findings.size();
    var refused = new AtomicReference<@Nullable ChainedEvent>();
    log.read(
        after,
        through,
        event -> {
          if (!chain.follows(event)) {
            refused.set(event);
            return false;
          }
          if (chain.position() % PROGRESS_EVERY == 0) progress.accept(chain.position());
          return holdCheckpoints(findings);
        });
    progress.accept(chain.position());
    if (findings.size() > before) return;
    ChainedEvent wrong = refused.get();
    if (wrong != null && wrong.position() <= chain.position()) {
      findings.add(HashChain.passed(wrong));
    } else if (wrong != null || chain.position() < through) {
      findings.add(chain.diagnose(log.few(chain.position(), 3)));
    }
  }

  /** Whether the chain has at this position what the checkpoints say. */
  private boolean holdCheckpoints(List<Finding> findings) {
    while (nextCheckpoint < checkpoints.size()
        && checkpoints.get(nextCheckpoint).position() == chain.position()) {
      Checkpoint checkpoint = checkpoints.get(nextCheckpoint);
      if (!checkpoint.hash().equals(HexFormat.of().formatHex(chain.hash()))) {
        long since = nextCheckpoint == 0 ? 0 : checkpoints.get(nextCheckpoint - 1).position();
        findings.add(
            new Finding(
                "rewritten",
                since + 1,
                null,
                "the chain is whole, but not the one of the checkpoint of %s at position %s: the past was rewritten at a position from %s to %s"
                    .formatted(
                        checkpoint.time(),
                        checkpoint.position(),
                        since + 1,
                        checkpoint.position())));
        return false;
      }
      nextCheckpoint++;
    }
    return true;
  }

  private void checkpointsAfterTheEnd(List<Finding> findings)
      throws SQLException, CannotLookException {
    if (nextCheckpoint == checkpoints.size()) return;
    Checkpoint checkpoint = checkpoints.get(nextCheckpoint);
    if (log.isBehindAnother()) {
      throw new CannotLookException(
          "--url names a standby, which has not come to position %s of the checkpoint of %s: look at the primary, or again"
              .formatted(checkpoint.position(), checkpoint.time()));
    }
    findings.add(
        new Finding(
            "cut",
            chain.position() + 1,
            null,
            "the store ends at position %s, but held position %s on %s: its tail was cut, or this is an old copy"
                .formatted(chain.position(), checkpoint.position(), checkpoint.time())));
  }
}
