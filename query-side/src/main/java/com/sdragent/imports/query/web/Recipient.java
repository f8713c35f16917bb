package com.sdragent.imports.query.web;

import com.sdragent.imports.access.Caller;
import com.sdragent.imports.access.Credential;
import com.sdragent.imports.web.ClientConnection;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.UUID;

/** The client that a long answer is for. Only the answering thread uses it. */
public final class Recipient {
  /** How often it is worth looking while waiting for something else. */
  public static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  private final UUID organization;
  private final ClientConnection connection;
  private final Credential credential;
  private long looked = System.nanoTime();
  private boolean connected = true;
  private boolean trusted = true;

  private Recipient(UUID organization, ClientConnection connection, Credential credential) {
    this.organization = organization;
    this.connection = connection;
    this.credential = credential;
  }

  /** The client that sent this request. */
  public static Recipient of(HttpServletRequest request, Caller caller) {
    return new Recipient(
        caller.organization(), ClientConnection.of(request), Credential.of(request));
  }

  /** The organization that the client acts for. */
  public UUID organization() {
    return organization;
  }

  /**
   * Whether the client is still connected and may still have the answer. This looks once a second,
   * so it may be asked as often as one likes.
   */
  public boolean isThere() {
    long now = System.nanoTime();
    if (connected && trusted && now - looked >= LOOK_AGAIN.toNanos()) {
      looked = now;
      connected = connection.isOpen();
      trusted = connected && credential.holds();
    }
    return connected && trusted;
  }

  /** Whether the client was still connected at the last look. */
  boolean isConnected() {
    return connected;
  }
}
