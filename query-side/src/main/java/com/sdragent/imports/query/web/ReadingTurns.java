package com.sdragent.imports.query.web;

import com.sdragent.imports.query.web.JsonArrays.Chunk;
import com.sdragent.imports.query.web.JsonArrays.Source;
import com.sdragent.imports.web.ApiError;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Turns of those who read much. However many they are, they leave the other connections to those
 * who want little. Each turn is one bounded look at the database; who waits holds no connection.
 * Organizations take turns with each other, and one has at most half of those that there are at the
 * same time: who comes from another waits for none of its looks. Before the first turn a seat is
 * taken: an answer that lasts keeps some of it in memory as long as its client takes.
 */
public final class ReadingTurns {
  private static final Duration FOREVER = Duration.ofDays(365);

  private final int atOnce;
  private final Duration longestWait;
  private final Seats seats;
  private final ReentrantLock lock = new ReentrantLock();

  /** Those with looks under way or wanted; the one that got a turn last is the last. */
  private final Map<UUID, Looks> organizations = new LinkedHashMap<>();

  private int underWay;

  /**
   * @param atOnce how many looks there are at the same time, two or more
   * @param longestWait how long somebody waits for a turn
   */
  ReadingTurns(int atOnce, Duration longestWait, Seats seats) {
    this.atOnce = atOnce;
    this.longestWait = longestWait;
    this.seats = seats;
  }

  /** What an organization reads. */
  private static final class Looks {
    int underWay;

    /** Each is given its permit when it is its turn. */
    final ArrayDeque<Semaphore> waiting = new ArrayDeque<>();
  }

  /** A place among those whose answers last, until it is closed. */
  public final class Seat implements AutoCloseable {
    private final Recipient recipient;
    private final Seats.Seat seat;

    private Seat(Recipient recipient, Seats.Seat seat) {
      this.recipient = recipient;
      this.seat = seat;
    }

    /** Whom the answer is for. */
    public Recipient recipient() {
      return recipient;
    }

    /**
     * What this look finds, when it is its turn.
     *
     * @throws ApiError 503, when that does not come in time; 401, when the answer is nobody's any
     *     more
     */
    public <T> T take(Supplier<T> look) {
      return ReadingTurns.this.take(recipient, longestWait, look);
    }

    /**
     * What the next look of an answer finds that has begun, which cannot become a 503 any more: it
     * waits as long as its client does.
     *
     * @throws ApiError 401, when the answer is nobody's any more
     */
    public <T> T goOn(Supplier<T> look) {
      return ReadingTurns.this.take(recipient, FOREVER, look);
    }

    @Override
    public void close() {
      seat.close();
    }
  }

  /**
   * Lets somebody in.
   *
   * @throws ApiError 503, when there are as many as there may be, of all or of the organization
   */
  public Seat enter(Recipient recipient) {
    return new Seat(recipient, seats.enter(recipient.organization()));
  }

  /**
   * As many elements as are wanted, or all that there are. A first look that is direct is no more
   * work than any other GET; another takes a turn, and what needs several takes a seat.
   *
   * @throws ApiError as {@link #enter} and {@link Seat#take} do
   */
  public <T> List<T> gather(int wanted, Source<T> source, Recipient recipient) {
    Chunk<T> found =
        source.isDirect()
            ? source.next(wanted)
            : take(recipient, longestWait, () -> source.next(wanted));
    List<T> elements = new ArrayList<>(found.elements());
    if (found.isLast() || elements.size() >= wanted) return elements;
    try (var seat = enter(recipient)) {
      do {
        int missing = wanted - elements.size();
        found = seat.take(() -> source.next(missing));
        elements.addAll(found.elements());
      } while (!found.isLast() && elements.size() < wanted);
    }
    return elements;
  }

  private <T> T take(Recipient recipient, Duration wait, Supplier<T> look) {
    begin(recipient, wait);
    try {
      return look.get();
    } finally {
      end(recipient.organization());
    }
  }

  private void begin(Recipient recipient, Duration wait) {
    if (!recipient.isThere()) throw ApiError.unauthenticated();
    UUID organization = recipient.organization();
    long deadline = System.nanoTime() + wait.toNanos();
    var turn = new Semaphore(0);
    lock.lock();
    try {
      organizations.computeIfAbsent(organization, _ -> new Looks()).waiting.add(turn);
      grant();
    } finally {
      lock.unlock();
    }
    if (isGranted(turn, recipient, deadline) || !withdraw(organization, turn)) return;
    throw recipient.isThere() ? seats.tooMany() : ApiError.unauthenticated();
  }

  /** Waits without the lock: to ask whether the client is there may take a while. */
  private static boolean isGranted(Semaphore turn, Recipient recipient, long deadline) {
    try {
      while (true) {
        long left = deadline - System.nanoTime();
        long wait = Math.min(left, Recipient.LOOK_AGAIN.toNanos());
        if (turn.tryAcquire(wait, TimeUnit.NANOSECONDS)) return true;
        if (left <= 0 || !recipient.isThere()) return false;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Gives up waiting, unless the turn has come meanwhile. */
  private boolean withdraw(UUID organization, Semaphore turn) {
    lock.lock();
    try {
      Looks looks = organizations.get(organization);
      if (looks == null || !looks.waiting.remove(turn)) return false;
      if (looks.waiting.isEmpty() && looks.underWay == 0) organizations.remove(organization);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** How many are in. */
  int seatsTaken() {
    return seats.taken();
  }

  /** How many wait for their turn. */
  int waiting() {
    lock.lock();
    try {
      return organizations.values().stream().mapToInt(looks -> looks.waiting.size()).sum();
    } finally {
      lock.unlock();
    }
  }

  private void end(UUID organization) {
    lock.lock();
    try {
      underWay--;
      organizations.computeIfPresent(
          organization,
          (_, looks) -> --looks.underWay == 0 && looks.waiting.isEmpty() ? null : looks);
      grant();
    } finally {
      lock.unlock();
    }
  }

  private void grant() {
    while (underWay < atOnce) {
      UUID next = next();
      if (next == null) return;
      Looks looks = Objects.requireNonNull(organizations.remove(next));
      looks.underWay++;
      underWay++;
      looks.waiting.remove().release();
      organizations.put(next, looks);
    }
  }

  /** The organization that has waited longest for a turn that it may have. */
  private @Nullable UUID next() {
    for (Map.Entry<UUID, Looks> one : organizations.entrySet()) {
      Looks looks = one.getValue();
      if (!looks.waiting.isEmpty() && looks.underWay < atOnce / 2) {
        return one.getKey();
      }
    }
    return null;
  }
}
