package com.sdragent.imports.loops;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Objects;

/** How operators know this process among the others. */
public final class ThisNode {
  private static final String NAME = host() + "/" + ProcessHandle.current().pid();

  private ThisNode() {}

  /** The name of its host, or container, and its number there. */
  public static String name() {
    return NAME;
  }

  private static String host() {
    String named = System.getenv("HOSTNAME");
    if (named != null && !named.isBlank()) return named.strip();
    try {
      return Objects.requireNonNullElse(InetAddress.getLocalHost().getHostName(), "localhost");
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }
}
