package com.sdragent.imports.tool.verify;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A pass over the store: the chain and the checkpoints first, then the data derived from the
 * events.
 */
final class Verification {
  private static final int PROGRESS_EVERY = 1000;

  private final ChainReader log;
  private final HashChain chain = new HashChain();
  private final @Nullable Comparison comparison;
  private final List<Checkpoint> checkpoints;
  private final LongConsumer progress;
  private int nextCheckpoint;

  /**
   * A verification yet to be made.
   *
   * @param comparison the comparison, or null to check the chain alone
   * @param progress is told the positions that the chain has come to
   */
  Verification(
      Connection connection,
      @Nullable Comparison comparison,
      List<Checkpoint> checkpoints,
      LongConsumer progress) {
    this.comparison = comparison;
    this.checkpoints =
        checkpoints.stream().sorted(Comparator.comparingLong(Checkpoint::position)).toList();
    this.progress = progress;
    log = new ChainReader(connection);
  }

  HashChain chain() {
    return chain;
  }

  int checkpointsHeld() {
    return nextCheckpoint;
  }

  /** The errors up to the head and in the derived data. A broken chain ends the pass there. */
  List<Finding> run(long head) throws SQLException {
    var findings = new ArrayList<Finding>();
    readThrough(Long.MIN_VALUE, head, findings);
    if (findings.isEmpty()) checkpointsAfterTheEnd(findings);
    if (!findings.isEmpty() || comparison == null) return findings;
    comparison.run();
    findings.addAll(comparison.findings());
    // The compared events have to be part of the chain too.
    long compared = comparison.lastPosition();
    if (compared > chain.position()) readThrough(chain.position(), compared, findings);
    return findings;
  }

  private void readThrough(long after, long through, List<Finding> findings) throws SQLException {
    if (chain.position() == 0) holdCheckpoints(findings);
    int before = findings.size();
    log.read(
        after,
        through,
        event -> {
          if (!chain.follows(event)) return false;
          if (chain.position() % PROGRESS_EVERY == 0) progress.accept(chain.position());
          return holdCheckpoints(findings);
        });
    progress.accept(chain.position());
    if (findings.size() == before && chain.position() < through) {
      long from = chain.position() == 0 ? Long.MIN_VALUE : chain.position();
      chain.diagnose(log.few(from, 3)).ifPresent(findings::add);
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

  private void checkpointsAfterTheEnd(List<Finding> findings) {
    if (nextCheckpoint == checkpoints.size()) return;
    Checkpoint checkpoint = checkpoints.get(nextCheckpoint);
    findings.add(
        new Finding(
            "cut",
            chain.position() + 1,
            null,
            "the store ends at position %s, but held position %s on %s: its tail was cut, or this is an old copy"
                .formatted(chain.position(), checkpoint.position(), checkpoint.time())));
  }
}
