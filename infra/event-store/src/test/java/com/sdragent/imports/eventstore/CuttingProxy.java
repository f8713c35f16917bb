package com.sdragent.imports.eventstore;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Forwards to PostgreSQL and cuts a connection right after it forwarded an append, so that the
 * answer, whatever it is, never arrives. Or it stops in the middle of an append, as it is with a
 * node that is frozen while it sends, or whose network is.
 */
final class CuttingProxy implements AutoCloseable {
  private final ServerSocket listening = listen();
  private final InetSocketAddress target;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger toCut = new AtomicInteger();
  private final AtomicInteger cuts = new AtomicInteger();
  private final AtomicReference<@Nullable IntUnaryOperator> toFreeze = new AtomicReference<>();
  private final CountDownLatch frozen = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);

  CuttingProxy(InetSocketAddress target) {
    this.target = target;
    threads.execute(this::accept);
  }

  /** Takes connections of this machine at a free port. */
  static ServerSocket listen() {
    try {
      return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return listening.getLocalPort();
  }

  /** Cuts once more, after the next append. */
  void cutAfterAppend() {
    toCut.incrementAndGet();
  }

  /** Of the next append forwards so many of its bytes, and nothing from then on. */
  void freezeInAppend(IntUnaryOperator bytes) {
    toFreeze.set(bytes);
  }

  boolean hasFrozen() {
    return frozen.getCount() == 0;
  }

  int cuts() {
    return cuts.get();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        var server = new Socket(target.getHostString(), target.getPort());
        threads.execute(() -> requests(client, server));
        threads.execute(() -> answers(client, server));
      } catch (IOException e) {
        // Closed, or PostgreSQL is not there.
      }
    }
  }

  private void requests(Socket client, Socket server) {
    try (client;
        server) {
      var buffer = new byte[1 << 16];
      InputStream in = client.getInputStream();
      OutputStream out = server.getOutputStream();
      // A short message: what a session is set up with. An event takes more.
      for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
        boolean append = n > 300 && isAppend(buffer, n);
        IntUnaryOperator part = append ? toFreeze.getAndSet(null) : null;
        if (part != null) {
          out.write(buffer, 0, part.applyAsInt(n));
          out.flush();
          frozen.countDown();
          closed.await();
          return;
        }
        out.write(buffer, 0, n);
        out.flush();
        if (append && toCut.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
          cuts.incrementAndGet();
          // Let PostgreSQL read what it was sent: closing with a reset could discard it.
          server.shutdownOutput();
          return;
        }
      }
    } catch (IOException e) {
      // Cut by the other side.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The flight that carries events has the text of their types. */
  private static boolean isAppend(byte[] buffer, int length) {
    return new String(buffer, 0, length, java.nio.charset.StandardCharsets.ISO_8859_1)
        .contains("Import");
  }

  private static void answers(Socket client, Socket server) {
    try (client;
        server) {
      server.getInputStream().transferTo(client.getOutputStream());
    } catch (IOException e) {
      // Cut by the other side.
    }
  }

  @Override
  public void close() {
    try {
      listening.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    closed.countDown();
    threads.shutdownNow();
  }
}
