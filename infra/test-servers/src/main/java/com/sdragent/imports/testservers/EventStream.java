package com.sdragent.imports.testservers;

import com.sdragent.imports.testservers.contract.ApiContract;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** A client of server-sent events, as section 9.2 of the HTML standard describes them. */
public final class EventStream implements AutoCloseable {
  private final BufferedReader lines;

  /** Reads the body of an answer. */
  public EventStream(InputStream body) {
    lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
  }

  /**
   * An event.
   *
   * @param data its text, of one line
   */
  public record Event(long id, String data) {}

  /** Waits for the next event, and holds it against the API's document. */
  public Event next() throws IOException {
    long id = -1;
    String name = "message";
    while (true) {
      String line = line();
      if (line.startsWith("event: ")) name = line.substring(7);
      if (line.startsWith("id: ")) id = Long.parseLong(line.substring(4));
      if (line.startsWith("data: ")) {
        ApiContract.assertEventKept(name, line.substring(6));
        return new Event(id, line.substring(6));
      }
    }
  }

  /** Waits for the next heartbeat, and returns its id. */
  public long awaitHeartbeat() throws IOException {
    long id = -1;
    while (true) {
      String line = line();
      if (line.startsWith("id: ")) id = Long.parseLong(line.substring(4));
      if (line.startsWith(": ")) return id;
    }
  }

  private String line() throws IOException {
    String line = lines.readLine();
    if (line == null) throw new EOFException("The stream ended");
    return line;
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
