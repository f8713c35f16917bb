package com.sdragent.imports.benchmarks.load;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests to a port of loopback from one thread, each connection one at a time, and counts
 * the answers. Either each answer is followed by the next request at once, or requests are due at a
 * given rate: then one that found no free connection counts from the time at which it was due, so
 * that a server that stalls cannot hide it (coordinated omission).
 */
public final class LoadGenerator {
  private static final long DRAIN_NANOS = Duration.ofSeconds(30).toNanos();

  /** Requests become due in steps, since a selector cannot wait for less. */
  private static final long STEP_NANOS = Duration.ofMillis(1).toNanos();

  private final Requests requests;
  private final @Nullable Consumer<String> bodies;
  private final InetSocketAddress address;
  private final long durationNanos;
  private final long most;
  private final double perNano;

  private final Selector selector;
  private final ArrayDeque<Connection> free = new ArrayDeque<>();
  private final Histogram micros = new Histogram(3);
  private final TreeMap<Integer, Long> failures = new TreeMap<>();
  private final long[] eachSecond;
  private int waiting;
  private long sent;
  private long answered;
  private long start;
  private long end;

  /**
   * What is sent.
   *
   * @param port where, on loopback
   * @param connections how many requests are under way at most
   * @param duration for how long requests are sent; those under way are waited for afterwards
   * @param perSecond how many are due in each second; 0 for as many as are answered
   * @param most after how many requests it ends in any case
   */
  public record Load(int port, int connections, Duration duration, double perSecond, long most) {
    /** As many as are answered. */
    public static Load full(int port, int connections, Duration duration) {
      return new Load(port, connections, duration, 0, Long.MAX_VALUE);
    }
  }

  private LoadGenerator(Load load, Requests requests, @Nullable Consumer<String> bodies)
      throws IOException {
    this.requests = requests;
    this.bodies = bodies;
    address = new InetSocketAddress(InetAddress.getLoopbackAddress(), load.port());
    durationNanos = load.duration().toNanos();
    most = load.most();
    perNano = load.perSecond() / 1e9;
    eachSecond = new long[(int) load.duration().plusMillis(999).toSeconds()];
    selector = Selector.open();
  }

  /**
   * Sends the load and returns when all of it is answered.
   *
   * @throws UncheckedIOException when nobody listens there
   */
  public static LoadResult run(Load load, Requests requests) {
    return run(load, requests, null);
  }

  /** Sends the load, and hands over the body of every answer of 2xx. */
  public static LoadResult run(Load load, Requests requests, @Nullable Consumer<String> bodies) {
    try {
      return new LoadGenerator(load, requests, bodies).run(load.connections());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private LoadResult run(int connections) throws IOException {
    // The channels are closed before the selector, which no longer knows them afterwards.
    try (selector;
        Closeable _ = this::closeAll) {
      for (int i = 0; i < connections; i++) free.add(new Connection());
      var threads = ManagementFactory.getThreadMXBean();
      long cpu = threads.getCurrentThreadCpuTime();
      start = System.nanoTime();
      end = start + durationNanos;
      loop();
      cpu = threads.getCurrentThreadCpuTime() - cpu;
      long lasted = Math.min(System.nanoTime() - start, durationNanos);
      List<Long> seconds = Arrays.stream(eachSecond).boxed().toList();
      return new LoadResult(
          Duration.ofNanos(lasted), answered, seconds, failures, micros, Duration.ofNanos(cpu));
    }
  }

  private void closeAll() throws IOException {
    for (SelectionKey key : new ArrayList<>(selector.keys())) key.channel().close();
  }

  private void loop() throws IOException {
    while (true) {
      long now = System.nanoTime();
      boolean sending = now < end && sent < most;
      if (sending) sendDue(now);
      if (!sending && waiting == 0) return;
      if (!sending && now > end + DRAIN_NANOS) {
        failures.merge(0, (long) waiting, Long::sum);
        return;
      }
      selector.select(LoadGenerator::proceed, 1);
    }
  }

  private static void proceed(SelectionKey key) {
    ((Connection) key.attachment()).proceed();
  }

  private void sendDue(long now) throws IOException {
    while (sent < most) {
      long due = perNano == 0 ? now : dueTime();
      if (due > now) return;
      Connection connection = free.poll();
      if (connection == null) return;
      sent++;
      connection.send(perNano == 0 ? System.nanoTime() : due);
    }
  }

  /** When the next request is due. */
  private long dueTime() {
    long exact = (long) (sent / perNano);
    return start + (exact + STEP_NANOS - 1) / STEP_NANOS * STEP_NANOS;
  }

  private final class Connection {
    private final ByteBuffer out = ByteBuffer.allocateDirect(Requests.LARGEST);
    private final ByteBuffer in = ByteBuffer.allocate(32 * 1024);
    private final ResponseParser parser = new ResponseParser(bodies != null);
    private SocketChannel channel;
    private SelectionKey key;
    private long since;

    Connection() throws IOException {
      channel = SocketChannel.open(address);
      key = register(channel);
    }

    private SelectionKey register(SocketChannel opened) throws IOException {
      opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
      opened.configureBlocking(false);
      return opened.register(selector, SelectionKey.OP_READ, this);
    }

    void send(long time) {
      since = time;
      waiting++;
      parser.reset();
      out.clear();
      requests.put(out);
      out.flip();
      try {
        write();
      } catch (IOException e) {
        broken();
      }
    }

    private void write() throws IOException {
      channel.write(out);
      int interest = out.hasRemaining() ? SelectionKey.OP_WRITE : SelectionKey.OP_READ;
      if (key.interestOps() != interest) key.interestOps(interest);
    }

    void proceed() {
      try {
        if (key.isWritable()) {
          write();
          return;
        }
        in.clear();
        int count = channel.read(in);
        if (count < 0) {
          closed();
          return;
        }
        in.flip();
        if (parser.read(in)) complete();
      } catch (IOException | MalformedResponseException e) {
        broken();
      }
    }

    private void complete() throws IOException {
      long now = System.nanoTime();
      waiting--;
      int status = parser.status();
      if (status / 100 != 2) {
        failures.merge(status, 1L, Long::sum);
      } else {
        micros.recordValue(Math.max(0, (now - since) / 1000));
        if (now < end) {
          answered++;
          eachSecond[(int) ((now - start) / 1_000_000_000)]++;
        }
        if (bodies != null) bodies.accept(parser.body());
      }
      if (parser.closes()) reconnect();
      if (perNano == 0 && now < end && sent < most) {
        sent++;
        send(now);
      } else {
        free.add(this);
      }
    }

    /** The server ended the connection: between two requests that is its right. */
    private void closed() throws IOException {
      if (free.contains(this)) {
        reconnect();
      } else {
        broken();
      }
    }

    private void broken() {
      waiting--;
      failures.merge(0, 1L, Long::sum);
      try {
        reconnect();
        free.add(this);
      } catch (IOException e) {
        // Without a server there is nothing more to send.
        end = Math.min(end, System.nanoTime());
      }
    }

    private void reconnect() throws IOException {
      channel.close();
      channel = SocketChannel.open(address);
      key = register(channel);
    }
  }
}
