package com.sdragent.imports.standalone;

import com.sdragent.imports.testservers.contract.ApiContract;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;

/** A client that says exactly what a test wants, byte by byte. */
final class RawConnection implements AutoCloseable {
  private final Socket socket;

  RawConnection(int port) throws IOException {
    socket = new Socket("localhost", port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(20_000);
  }

  /** What the service answers to this when it closes the connection afterwards. */
  static String answer(String request) throws IOException {
    try (var connection = new RawConnection(RunningService.port())) {
      connection.send(request);
      String answer = connection.readAll();
      ApiContract.assertAnswerKept(request, answer);
      return answer;
    }
  }

  void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** Sends this again and again, until an answer begins; what of it could be sent. */
  String dripUntilAnswered(String drop, Duration pause) throws IOException {
    socket.setSoTimeout((int) pause.toMillis());
    InputStream answer = socket.getInputStream();
    while (true) {
      try {
        int first = answer.read();
        socket.setSoTimeout(20_000);
        return first < 0 ? "" : (char) first + readAll();
      } catch (SocketTimeoutException e) {
        send(drop);
      }
    }
  }

  /** Everything until the service closes the connection. */
  String readAll() {
    var bytes = new ByteArrayOutputStream();
    try {
      socket.getInputStream().transferTo(bytes);
    } catch (IOException e) {
      // A reset after the answer: what came counts.
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** One whole response with a length, on a connection that stays open. */
  String readOne() throws IOException {
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) head.append((char) readByte());
    String lower = head.toString().toLowerCase(Locale.ROOT);
    if (lower.startsWith("http/1.1 100")) return head.toString();
    int at = lower.indexOf("content-length: ");
    if (at < 0) throw new IOException("Without a length: " + head);
    int length = Integer.parseInt(lower.substring(at + 16, lower.indexOf("\r\n", at)));
    return head + new String(socket.getInputStream().readNBytes(length), StandardCharsets.UTF_8);
  }

  /** What one read brings, at most 64 KiB. */
  String readOnce() throws IOException {
    byte[] bytes = new byte[65_536];
    int count = socket.getInputStream().read(bytes);
    return count < 0 ? "" : new String(bytes, 0, count, StandardCharsets.UTF_8);
  }

  private int readByte() throws IOException {
    int next = socket.getInputStream().read();
    if (next < 0) throw new IOException("The service closed the connection");
    return next;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
