package com.sdragent.imports.eventstore;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Gives one session of PostgreSQL to all of its clients, in turn: to each until its transaction
 * ends, as PgBouncer does with {@code pool_mode=transaction}.
 */
final class TransactionPooler implements AutoCloseable {
  private static final int SSL_REQUEST = 80877103;
  private static final int GSS_REQUEST = 80877104;

  private final ServerSocket listening = CuttingProxy.listen();
  private final InetSocketAddress target;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private @Nullable Socket session;
  private byte[] greeting = {};

  TransactionPooler(InetSocketAddress target) {
    this.target = target;
    threads.execute(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        threads.execute(() -> serve(client));
      } catch (IOException e) {
        // Closed.
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      var in = new DataInputStream(client.getInputStream());
      client.getOutputStream().write(greetingFor(startup(in, client)));
      var transaction = new ByteArrayOutputStream();
      for (int type = in.read(); type >= 0 && type != 'X'; type = in.read()) {
        copy(type, in, transaction);
        // Queries and Syncs end a transaction, when it was not begun by name.
        if (type != 'Q' && type != 'S') continue;
        client.getOutputStream().write(answer(transaction.toByteArray()));
        transaction.reset();
      }
    } catch (IOException e) {
      // Gone.
    }
  }

  private static byte[] startup(DataInputStream in, Socket client) throws IOException {
    while (true) {
      int length = in.readInt();
      byte[] rest = in.readNBytes(length - 4);
      var message = new ByteArrayOutputStream();
      var out = new java.io.DataOutputStream(message);
      out.writeInt(length);
      out.write(rest);
      int code = java.nio.ByteBuffer.wrap(rest).getInt();
      if (code != SSL_REQUEST && code != GSS_REQUEST) return message.toByteArray();
      client.getOutputStream().write('N');
    }
  }

  private synchronized byte[] greetingFor(byte[] startup) throws IOException {
    if (session == null) {
      session = new Socket(target.getHostString(), target.getPort());
      greeting = answer(startup);
    }
    return greeting;
  }

  /** Up to the message that says that it is ready for the next. */
  private synchronized byte[] answer(byte[] request) throws IOException {
    Socket open = session;
    if (open == null) throw new IOException("No session");
    open.getOutputStream().write(request);
    var in = new DataInputStream(open.getInputStream());
    var answer = new ByteArrayOutputStream();
    int type;
    do {
      type = in.readUnsignedByte();
      copy(type, in, answer);
    } while (type != 'Z');
    return answer.toByteArray();
  }

  private static void copy(int type, DataInputStream in, ByteArrayOutputStream to)
      throws IOException {
    int length = in.readInt();
    var out = new java.io.DataOutputStream(to);
    out.write(type);
    out.writeInt(length);
    out.write(in.readNBytes(length - 4));
  }

  @Override
  public synchronized void close() {
    try {
      listening.close();
      if (session != null) session.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads.shutdownNow();
  }
}
