package com.sdragent.imports.query.projection;

import java.util.List;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;

/**
 * Runs a projector for each projection, as long as the web server has requests that wait for them.
 */
final class Projectors implements SmartLifecycle {
  private final List<Projector> all;

  Projectors(List<Projector> all) {
    this.all = List.copyOf(all);
  }

  List<Projector> all() {
    return all;
  }

  @Override
  public void start() {
    all.forEach(Projector::start);
  }

  @Override
  public void stop() {
    all.forEach(Projector::end);
    all.forEach(Projector::stop);
  }

  @Override
  public boolean isRunning() {
    return all.stream().anyMatch(Projector::isRunning);
  }

  /**
   * Stops after the web server has answered its last request, which may wait for a write to be
   * seen.
   */
  @Override
  public int getPhase() {
    return WebServerApplicationContext.START_STOP_LIFECYCLE_PHASE - 1024;
  }
}
