package com.sdragent.imports.standalone;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/** What stands in front of the service: it serves it below a prefix, and may lose it. */
final class Gateway implements AutoCloseable {
  private static final Pattern NOTHING = Pattern.compile("(?!)");

  private final String prefix;
  private final ServerSocket server;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private volatile boolean isCut;
  private volatile Pattern refused = NOTHING;
  private volatile String refusal = "";
  private volatile Pattern halved = NOTHING;
  private final AtomicInteger ofTheHalved = new AtomicInteger();
  private volatile CountDownLatch speech = new CountDownLatch(0);
  private volatile Pattern held = NOTHING;
  private volatile CountDownLatch release = new CountDownLatch(0);

  /**
   * @param prefix such as {@code /team/imports}, or nothing
   */
  Gateway(String prefix) {
    this.prefix = prefix;
    try {
      server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  /** Where browsers find the service. */
  String address() {
    return "http://localhost:" + server.getLocalPort() + prefix;
  }

  /** Ends all connections, and each new one. */
  void cut() {
    isCut = true;
    connections.forEach(Gateway::end);
  }

  void heal() {
    isCut = false;
    refused = NOTHING;
    halved = NOTHING;
    speech.countDown();
  }

  /** Keeps all connections open, and passes no more answers on until it is healed. */
  void fallSilent() {
    speech = new CountDownLatch(1);
  }

  /**
   * Answers with this, such as {@code 404 Not Found}, to requests whose first line has that part,
   * until it is healed.
   */
  void refuse(String part, String status) {
    refusal = status;
    refused = Pattern.compile(part);
  }

  /**
   * Answers 404 to every second of the requests whose first line has this, as when half of the
   * nodes are of another version.
   */
  void refuseHalf(String part) {
    halved = Pattern.compile(part);
  }

  /**
   * Holds the answers to requests whose first line has this back, once the service has given them.
   */
  void hold(String part) {
    release = new CountDownLatch(1);
    held = Pattern.compile(part);
  }

  /** Lets the answers go that were held back. */
  void release() {
    held = NOTHING;
    release.countDown();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        connections.add(client);
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  /** One request: its head is changed, and everything else passed on. */
  private void serve(Socket client) {
    try (client;
        var service = new Socket(InetAddress.getLoopbackAddress(), RunningService.port())) {
      connections.add(service);
      String head = head(client.getInputStream());
      if (isCut || head.isEmpty()) return;
      String line = head.substring(0, head.indexOf('\r'));
      if (refused.matcher(line).find()) {
        refuse(client, refusal);
        return;
      }
      if (halved.matcher(line).find() && ofTheHalved.getAndIncrement() % 2 == 0) {
        refuse(client, "404 Not Found");
        return;
      }
      service.getOutputStream().write(changed(head).getBytes(StandardCharsets.ISO_8859_1));
      Thread.ofVirtual().start(() -> pass(client, service));
      if (held.matcher(line).find()) {
        byte[] answer = service.getInputStream().readAllBytes();
        release.await();
        client.getOutputStream().write(answer);
        return;
      }
      byte[] bytes = new byte[1 << 13];
      InputStream answer = service.getInputStream();
      for (int n = answer.read(bytes); n >= 0; n = answer.read(bytes)) {
        speech.await();
        client.getOutputStream().write(bytes, 0, n);
      }
    } catch (IOException e) {
      // Either end has gone, and the other goes as well.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      connections.remove(client);
      connections.removeIf(Socket::isClosed);
    }
  }

  private static void refuse(Socket client, String status) throws IOException {
    client
        .getOutputStream()
        .write(
            ("HTTP/1.1 " + status + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1));
  }

  private static void pass(Socket from, Socket to) {
    try {
      OutputStream out = to.getOutputStream();
      from.getInputStream().transferTo(out);
    } catch (IOException e) {
      // It is ended below.
    } finally {
      end(to);
    }
  }

  private String changed(String head) {
    return head.replaceFirst(" " + prefix + "/", " /")
        .replaceAll("(?i)\r\nconnection: [^\r]*", "")
        .replaceFirst(
            "\r\n",
            "\r\nConnection: close\r\n"
                + (prefix.isEmpty() ? "" : "X-Forwarded-Prefix: " + prefix + "\r\n"));
  }

  private static String head(InputStream in) throws IOException {
    var head = new ByteArrayOutputStream();
    int last = 0;
    for (int b = in.read(); b >= 0; b = in.read()) {
      head.write(b);
      last = (last << 8) | b;
      if (last == 0x0d0a0d0a) return head.toString(StandardCharsets.ISO_8859_1);
    }
    return "";
  }

  private static void end(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It has ended.
    }
  }

  @Override
  public void close() throws IOException {
    cut();
    speech.countDown();
    server.close();
  }
}
