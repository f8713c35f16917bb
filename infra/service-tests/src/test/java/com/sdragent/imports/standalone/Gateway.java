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
import java.util.regex.Pattern;

/** What stands in front of the service: it serves it below a prefix, and may lose it. */
final class Gateway implements AutoCloseable {
  private static final Pattern NOTHING = Pattern.compile("(?!)");

  private final String prefix;
  private final ServerSocket server;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private volatile boolean isCut;
  private volatile Pattern refused = NOTHING;
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
  }

  /** Answers 404 to requests whose first line has this, until it is healed. */
  void refuse(String part) {
    refused = Pattern.compile(part);
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
        client
            .getOutputStream()
            .write(
                "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    .getBytes(StandardCharsets.ISO_8859_1));
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
      service.getInputStream().transferTo(client.getOutputStream());
    } catch (IOException e) {
      // Either end has gone, and the other goes as well.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      connections.remove(client);
      connections.removeIf(Socket::isClosed);
    }
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
    server.close();
  }
}
