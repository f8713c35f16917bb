package com.sdragent.imports.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Ports of the loopback interface. */
public final class Ports {
  private Ports() {}

  /**
   * The port itself, or a free one when it is 0.
   *
   * @param property the setting that chose the port
   * @throws ServerStartException when somebody listens there
   */
  public static int free(int port, String property) {
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new ServerStartException(
          "Port %s is in use: stop what listens there, or set %s".formatted(port, property), e);
    }
  }
}
