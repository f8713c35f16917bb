package com.sdragent.imports.eventstore;

import com.sdragent.imports.eventstore.sessions.DedicatedConnections;
import com.sdragent.imports.eventstore.sessions.OwnSessions;
import com.sdragent.imports.loops.Loops;
import com.sdragent.imports.loops.SupervisedLoop;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wakes the threads that wait for another node's commit (PostgreSQL's LISTEN). A wake-up may come
 * late, twice or without cause, and after a lost connection everybody is woken once. It says "look
 * again", never what has changed. A waiting thread also looks by itself now and then.
 */
public final class Notifications implements AutoCloseable {

  /**
   * A kind of notification. The channels of an application are beans.
   *
   * @param name the channel's name in PostgreSQL, which needs no quotes
   */
  public record Channel(String name) {
    /** Events were committed. The text is the position of the last one, if the sender knew it. */
    public static final Channel DOMAIN_EVENT = new Channel("domain_event");
  }

  private static final Logger log = LoggerFactory.getLogger(Notifications.class);
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(5);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(200);
  private static final int WAIT_MILLIS = 1000;

  /** PostgreSQL ends a session that is silent for this long. */
  private static final Duration SILENCE = Duration.ofSeconds(15);

  private final DedicatedConnections connections;
  private final OwnSessions sessions;
  private final Timelines timelines;
  private final Duration silence;
  private final int waitMillis;
  private final Map<String, List<Consumer<String>>> wakeUps;
  private final SupervisedLoop loop;
  private volatile @Nullable Connection listening;
  private @Nullable Throwable failure;
  private long lastWord;
  private boolean interrupted;

  /**
   * @param others the channels that there are besides {@link Channel#DOMAIN_EVENT}
   */
  Notifications(
      DedicatedConnections connections,
      OwnSessions sessions,
      Timelines timelines,
      Loops loops,
      Stream<Channel> others) {
    this(connections, sessions, timelines, loops, others, SILENCE);
  }

  /**
   * @param silence how long a session may be silent before PostgreSQL takes it for dead
   */
  Notifications(
      DedicatedConnections connections,
      OwnSessions sessions,
      Timelines timelines,
      Loops loops,
      Stream<Channel> others,
      Duration silence) {
    this.connections = connections;
    this.sessions = sessions;
    this.timelines = timelines;
    this.silence = silence;
    wakeUps =
        Stream.concat(Stream.of(Channel.DOMAIN_EVENT), others)
            .collect(
                Collectors.toUnmodifiableMap(Channel::name, _ -> new CopyOnWriteArrayList<>()));
    waitMillis = Math.toIntExact(Math.min(WAIT_MILLIS, silence.toMillis() / 4));
    loop = loops.loop("notifications", this::round);
    loop.start();
  }

  /**
   * A listener that is frozen, while its kernel still answers, would keep every notification in the
   * queue of the whole server until that is full and nobody can commit. So PostgreSQL ends the
   * session of a listener that sends nothing, and of one that accepts nothing.
   */
  static String listenOnlyWhileAlive(Duration silence) {
    String millis = Long.toString(silence.toMillis());
    return "set idle_session_timeout = " + millis + "; set tcp_user_timeout = " + millis;
  }

  /** Calls the wake-up, which must not block, with the text of each notification of the channel. */
  public void on(Channel channel, Consumer<String> wakeUp) {
    List<Consumer<String>> those = wakeUps.get(channel.name());
    if (those == null) throw new IllegalArgumentException("No bean is the channel " + channel);
    those.add(wakeUp);
  }

  @Override
  public void close() {
    loop.end();
    try {
      Connection open = listening;
      // Ends the wait for a notification at once.
      if (open != null) open.abort(Runnable::run);
    } catch (SQLException e) {
      log.debug("Ending the wait for notifications failed", e);
    }
    loop.stop(Duration.ofMillis(2 * WAIT_MILLIS));
  }

  private void round() throws InterruptedException {
    try {
      Connection open = listening;
      if (open == null) {
        connect();
        return;
      }
      PGNotification[] notifications = open.unwrap(PGConnection.class).getNotifications(waitMillis);
      // The query proves to this node that the connection lives, and to PostgreSQL that this node
      // does.
      if (notifications.length == 0 || System.nanoTime() - lastWord > silence.toNanos() / 4) {
        timelines.look(open);
        lastWord = System.nanoTime();
      }
      for (PGNotification notification : notifications) {
        wake(notification.getName(), notification.getParameter());
      }
      throwFailure();
    } catch (SQLException e) {
      disconnect();
      if (!loop.isRunning()) return;
      if (!interrupted) log.warn("Notifications are interrupted: {}", e.getMessage());
      interrupted = true;
      loop.pause(PAUSE_AFTER_FAILURE);
    } finally {
      if (!loop.isRunning()) disconnect();
    }
  }

  private void connect() throws SQLException {
    // PostgreSQL may have been away when the node started.
    sessions.require();
    Connection open = connections.open("imports notifications", ANSWER_WITHIN);
    listening = open;
    // This comes before anything is remembered of a server that may have lost events.
    timelines.meet(open, null);
    say(open, listenOnlyWhileAlive(silence));
    for (String channel : wakeUps.keySet()) say(open, "listen " + channel);
    if (interrupted) log.info("Notifications arrive again");
    interrupted = false;
    wakeUps.keySet().forEach(channel -> wake(channel, ""));
    throwFailure();
  }

  private void disconnect() {
    Connection open = listening;
    listening = null;
    if (open == null) return;
    try {
      open.close();
    } catch (SQLException e) {
      log.debug("Closing a broken connection failed", e);
    }
  }

  private void say(Connection open, String sql) throws SQLException {
    try (Statement statement = open.createStatement()) {
      statement.execute(sql);
    }
    lastWord = System.nanoTime();
  }

  /** A wake-up that fails must not keep the others asleep. */
  private void wake(String channel, String text) {
    for (Consumer<String> wakeUp : wakeUps.getOrDefault(channel, List.of())) {
      try {
        wakeUp.accept(text);
      } catch (RuntimeException | Error e) {
        failure = e;
      }
    }
  }

  private void throwFailure() {
    Throwable thrown = failure;
    failure = null;
    if (thrown != null) throw new IllegalStateException("A wake-up failed", thrown);
  }
}
