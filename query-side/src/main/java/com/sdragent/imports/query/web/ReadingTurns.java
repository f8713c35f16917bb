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
 * The turns of requests that read much. However many they are, they leave the other connections to
 * requests that want little. Each turn is one bounded look at the database; a waiting request holds
 * no connection. Organizations take turns with each other, and one has at most half of the turns at
 * the same time, so that a request of another waits for none of its looks. A seat is taken before
 * the first turn, because a long answer keeps some of itself in memory as long as its client takes.
 */
public final class ReadingTurns {
  private static final Duration FOREVER = Duration.ofDays(365);

  private final int atOnce;
  private final Duration longestWait;
  private final Seats seats;
  private final ReentrantLock lock = new ReentrantLock();

  /** The organizations with looks under way or wanted; the one that got a turn last comes last. */
  private final Map<UUID, Looks> organizations = new LinkedHashMap<>();

  private int underWay;

  /**
   * @param atOnce how many looks there are at the same time, two or more
   * @param longestWait how long a request waits for a turn
   */
  ReadingTurns(int atOnce, Duration longestWait, Seats seats) {
    this.atOnce = atOnce;
    this.longestWait = longestWait;
    this.seats = seats;
  }

  /** The looks of an organization. */
  private static final class Looks {
    int underWay;

    /** Each waiting look gets its permit when it is its turn. */
    final ArrayDeque<Semaphore> waiting = new ArrayDeque<>();
  }

  /** A place among the long answers, until it is closed. */
  public final class Seat implements AutoCloseable {
    private final Recipient recipient;
    private final Seats.Seat seat;

    private Seat(Recipient recipient, Seats.Seat seat) {
      this.recipient = recipient;
      this.seat = seat;
    }

    /** The client that the answer is for. */
    public Recipient recipient() {
      return recipient;
    }

    /**
     * Takes this look when it is its turn, and returns what it finds.
     *
     * @throws ApiError 503, when the turn does not come in time; 401, when nobody may have the
     *     answer any more
     */
    public <T> T take(Supplier<T> look) {
      return ReadingTurns.this.take(recipient, longestWait, look);
    }

    /**
     * Takes the next look of an answer that has begun. Such an answer can no longer become a 503,
     * so it waits as long as its client does.
     *
     * @throws ApiError 401, when nobody may have the answer any more
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
   * @throws ApiError 503, when there are as many as there may be, in total or of the organization
   */
  public Seat enter(Recipient recipient) {
    return enter(recipient, 1);
  }

  /**
   * Lets somebody in whose answer keeps as much in memory as so many others.
   *
   * @throws ApiError as {@link #enter(Recipient)}
   */
  Seat enter(Recipient recipient, int places) {
    return new Seat(recipient, seats.enter(recipient.organization(), places));
  }

  /**
   * As many elements as are wanted, or all that there are. A first look that is direct is no more
   * work than any other GET; another takes a turn, and an answer that needs several takes a seat.
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

  /** Waits without the lock, because asking whether the client is there may take a while. */
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

  /** How many seats are taken. */
  int seatsTaken() {
    return seats.taken();
  }

  /** How many answers were refused because there were too many. */
  double refused() {
    return seats.refused();
  }

  /** How many looks wait for their turn. */
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
