package com.sdragent.imports.eventstore;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wakes those who wait for another node's commit (PostgreSQL's LISTEN). A wake-up may come late,
 * twice or without cause, and after a lost connection everybody is woken once: it says "look
 * again", never what has changed. Who waits also looks by itself now and then.
 */
public final class Notifications implements AutoCloseable {

  /** What is told, by the name that PostgreSQL knows it by. */
  public enum Channel {
    /** Events were committed. */
    DOMAIN_EVENT,
    /** The read model moved on. */
    IMPORT_VIEW;

    private final String sqlName = name().toLowerCase(Locale.ROOT);
  }

  private static final Logger log = LoggerFactory.getLogger(Notifications.class);
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(5);
  private static final int WAIT_MILLIS = 1000;

  private final DedicatedConnections connections;
  private final Map<Channel, List<Consumer<String>>> wakeUps = new ConcurrentHashMap<>();
  private final Thread thread;
  private volatile boolean closing;
  private volatile @Nullable Connection listening;
  private boolean interrupted;

  Notifications(DedicatedConnections connections) {
    this.connections = connections;
    thread = Thread.ofPlatform().daemon().name("notifications").start(this::run);
  }

  /** Calls the wake-up, which must not block, with the text of each notification of the channel. */
  public void on(Channel channel, Consumer<String> wakeUp) {
    wakeUps.computeIfAbsent(channel, _ -> new CopyOnWriteArrayList<>()).add(wakeUp);
  }

  @Override
  public void close() {
    closing = true;
    try {
      Connection open = listening;
      // Ends the wait for a notification at once.
      if (open != null) open.abort(Runnable::run);
      thread.join(Duration.ofMillis(2 * WAIT_MILLIS));
    } catch (SQLException e) {
      log.debug("Ending the wait for notifications failed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (!closing) {
      try (Connection connection = connections.open("imports notifications", ANSWER_WITHIN)) {
        listening = connection;
        listen(connection);
      } catch (SQLException e) {
        if (closing) return;
        if (!interrupted) log.warn("Notifications are interrupted: {}", e.getMessage());
        interrupted = true;
        pause();
      }
    }
  }

  private void listen(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (Channel channel : Channel.values()) {
        statement.execute("listen " + channel.sqlName);
      }
    }
    if (interrupted) log.info("Notifications arrive again");
    interrupted = false;
    wakeUps.keySet().forEach(channel -> wake(channel, ""));
    PGConnection postgres = connection.unwrap(PGConnection.class);
    while (!closing) {
      PGNotification[] notifications = postgres.getNotifications(WAIT_MILLIS);
      if (notifications.length == 0) {
        // A silent connection may be a dead one: an answer proves that it lives.
        try (Statement statement = connection.createStatement()) {
          statement.execute("select 1");
        }
      }
      for (PGNotification notification : notifications) {
        wake(
            Channel.valueOf(notification.getName().toUpperCase(Locale.ROOT)),
            notification.getParameter());
      }
    }
  }

  private void wake(Channel channel, String text) {
    for (Consumer<String> wakeUp : wakeUps.getOrDefault(channel, List.of())) {
      try {
        wakeUp.accept(text);
      } catch (RuntimeException e) {
        // One that fails must not keep the others asleep.
        log.error("A wake-up of {} failed", channel, e);
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(200);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
