package com.sdragent.imports.query.imports;

import com.sdragent.imports.query.projection.ProjectionProgress;
import org.springframework.context.SmartLifecycle;

/**
 * Ends long polls before the web server waits for its requests to end. No bean depends on this one:
 * a bean that depends on a stopping one is stopped before it, whatever its phase, and the projector
 * has to go on for requests that wait for a write.
 */
final class LongPollsEnd implements SmartLifecycle {
  private final ProjectionProgress progress;

  LongPollsEnd(ProjectionProgress progress) {
    this.progress = progress;
  }

  @Override
  public void start() {
    progress.begin();
  }

  @Override
  public void stop() {
    progress.end();
  }

  @Override
  public boolean isRunning() {
    return progress.isRunning();
  }
}
