package com.sdragent.imports.query.projection.rebuild;

import java.util.List;
import org.springframework.context.SmartLifecycle;

/** A worker for each projection. */
final class RebuildWorkers implements SmartLifecycle {
  private final List<RebuildWorker> all;

  RebuildWorkers(List<RebuildWorker> all) {
    this.all = List.copyOf(all);
  }

  /** Has the workers look at once whether there is something to do. */
  void wake() {
    all.forEach(RebuildWorker::wake);
  }

  @Override
  public void start() {
    all.forEach(RebuildWorker::start);
  }

  @Override
  public void stop() {
    all.forEach(RebuildWorker::end);
  }

  @Override
  public boolean isRunning() {
    return all.stream().anyMatch(RebuildWorker::isRunning);
  }
}
