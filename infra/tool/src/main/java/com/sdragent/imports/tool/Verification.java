package com.sdragent.imports.tool;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** One pass over the store: chain and checkpoints on this thread, the fold on another. */
final class Verification {
  private static final int BATCH = 1000;
  private static final int BATCHES_UNDER_WAY = 8;

  private final Connection connection;
  private final EventLog log;
  private final HashChain chain = new HashChain();
  private final @Nullable Fold fold;
  private final List<Checkpoint> checkpoints;
  private final LongConsumer progress;
  private int nextCheckpoint;

  Verification(
      Connection connection,
      @Nullable Fold fold,
      List<Checkpoint> checkpoints,
      LongConsumer progress) {
    this.connection = connection;
    this.fold = fold;
    this.checkpoints =
        checkpoints.stream().sorted(Comparator.comparingLong(Checkpoint::position)).toList();
    this.progress = progress;
    log = new EventLog(connection);
  }

  HashChain chain() {
    return chain;
  }

  @Nullable Fold fold() {
    return fold;
  }

  int checkpointsHeld() {
    return nextCheckpoint;
  }

  /** What is wrong up to the head and in what was derived; a broken chain ends it there. */
  List<Finding> run(long head) throws SQLException {
    var findings = new ArrayList<Finding>();
    if (fold != null) fold.expectSnapshots(connection);
    // The snapshots may be of events that came after the head was asked for.
    long through = Math.max(head, log.head());
    readThrough(Long.MIN_VALUE, through, findings);
    if (findings.isEmpty()) checkpointsAfterTheEnd(findings);
    if (!findings.isEmpty() || fold == null) return findings;
    fold.compareReadModel(
        connection,
        position -> {
          if (position > chain.position()) readThrough(chain.position(), position, findings);
        });
    findings.addAll(fold.findings());
    return findings;
  }

  private void readThrough(long after, long through, List<Finding> findings) throws SQLException {
    try (ExecutorService folding = Executors.newSingleThreadExecutor()) {
      var batches = new Batches(folding);
      if (chain.position() == 0) holdCheckpoints(findings);
      log.read(
          after,
          through,
          event -> {
            if (!chain.follows(event)) return false;
            batches.add(event);
            return holdCheckpoints(findings);
          });
      batches.finish();
    }
    progress.accept(chain.position());
    if (findings.isEmpty() && chain.position() < through) {
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
                "the chain is whole, but not the one of the checkpoint of %s at position %d: the past was written anew at a position from %d to %d"
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
            "the store ends at position %d, but held position %d on %s: its tail was cut, or this is an old copy"
                .formatted(chain.position(), checkpoint.position(), checkpoint.time())));
  }

  /** Hands the events on to the fold, a bounded number at a time. */
  private final class Batches {
    private final ExecutorService folding;
    private final Semaphore room = new Semaphore(BATCHES_UNDER_WAY);
    private List<StoredEvent> batch = new ArrayList<>(BATCH);
    private @Nullable Future<?> last;
    private volatile @Nullable Throwable failure;

    Batches(ExecutorService folding) {
      this.folding = folding;
    }

    void add(StoredEvent event) {
      batch.add(event);
      if (batch.size() == BATCH) send();
    }

    private void send() {
      progress.accept(chain.position());
      List<StoredEvent> events = batch;
      batch = new ArrayList<>(BATCH);
      Fold folds = fold;
      if (folds == null) return;
      room.acquireUninterruptibly();
      requireFolded();
      last =
          folding.submit(
              () -> {
                try {
                  // What follows a failure would be folded on a wrong state.
                  if (failure == null) events.forEach(folds::apply);
                } catch (RuntimeException | Error e) {
                  failure = e;
                } finally {
                  room.release();
                }
              });
    }

    private void requireFolded() {
      Throwable failed = failure;
      if (failed != null) throw new IllegalStateException("Folding the events failed", failed);
    }

    void finish() {
      send();
      try {
        // In order on one thread: when the last is done, all are.
        if (last != null) last.get();
        requireFolded();
      } catch (ExecutionException e) {
        throw new IllegalStateException("Folding the events failed", e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("Interrupted", e);
      }
    }
  }
}
