package com.sdragent.imports.eventstore.append;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import org.axonframework.modelling.command.AggregateStreamCreationException;
import org.axonframework.modelling.command.ConcurrencyException;

/** Times what commands wait for, by how it ends. */
final class AppendTimes {
  private final Timer stored;
  private final Timer conflict;
  private final Timer answered;
  private final Timer refused;
  private final Timer unavailable;
  private final Timer unknown;

  AppendTimes(MeterRegistry metrics) {
    stored = timer("stored", metrics);
    conflict = timer("conflict", metrics);
    answered = timer("answered", metrics);
    refused = timer("refused", metrics);
    unavailable = timer("unavailable", metrics);
    unknown = timer("unknown", metrics);
  }

  private static Timer timer(String outcome, MeterRegistry metrics) {
    return Timer.builder("imports.append")
        .description("Time from a command's append to its outcome, all waiting included")
        .tag("outcome", outcome)
        .register(metrics);
  }

  /**
   * Notes an append that was stored.
   *
   * @param begun when it began, as {@link System#nanoTime()} counts
   */
  void stored(long begun) {
    record(stored, begun);
  }

  /** Notes one that was not, or perhaps not. */
  void failed(long begun, RuntimeException reason) {
    record(
        switch (reason) {
          case ConcurrencyException _, AggregateStreamCreationException _ -> conflict;
          case AnsweredBeforeException _ -> answered;
          case EventStoreUnavailableException _ -> unavailable;
          case AppendOutcomeUnknownException _ -> unknown;
          default -> refused;
        },
        begun);
  }

  private static void record(Timer timer, long begun) {
    timer.record(System.nanoTime() - begun, TimeUnit.NANOSECONDS);
  }
}
