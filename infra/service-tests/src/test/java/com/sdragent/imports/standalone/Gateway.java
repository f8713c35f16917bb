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

/** What stands in front of the service: it serves it below a prefix, and may lose it. */
final class Gateway implements AutoCloseable {
  private final String prefix;
  private final ServerSocket server;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private volatile boolean isCut;

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
      service.getOutputStream().write(changed(head).getBytes(StandardCharsets.ISO_8859_1));
      Thread.ofVirtual().start(() -> pass(client, service));
      service.getInputStream().transferTo(client.getOutputStream());
    } catch (IOException e) {
      // Either end has gone, and the other goes as well.
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
