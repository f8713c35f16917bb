package com.sdragent.imports.benchmarks.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Locale;

/**
 * Finds the end of a response of HTTP/1.1 (RFC 9112) in bytes that come in any pieces: by its
 * length, by its chunks, or by a status that has no body. One parser reads the responses of one
 * connection, one after the other.
 */
final class ResponseParser {
  private enum Part {
    HEAD,
    BODY,
    CHUNK_SIZE,
    CHUNK,
    CHUNK_END,
    TRAILER,
    DONE
  }

  private static final int LARGEST_HEAD = 16 * 1024;

  private final byte[] head = new byte[LARGEST_HEAD];
  private final boolean keepsBody;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();

  private Part part = Part.HEAD;
  private int headLength;
  private int status;
  private boolean closes;
  private long remaining;
  private int lineLength;
  private boolean inExtension;

  /** Makes a parser that remembers each body, or only skips it. */
  ResponseParser(boolean keepsBody) {
    this.keepsBody = keepsBody;
  }

  /** Gets ready for the next response. */
  void reset() {
    part = Part.HEAD;
    headLength = 0;
    body.reset();
  }

  /**
   * Reads on, up to the end of the response or of the bytes.
   *
   * @return whether the response is complete
   * @throws MalformedResponseException when this is no such response
   */
  boolean read(ByteBuffer bytes) {
    while (part != Part.DONE && bytes.hasRemaining()) {
      switch (part) {
        case HEAD -> readHead(bytes);
        case BODY, CHUNK -> readContent(bytes);
        case CHUNK_SIZE -> readChunkSize(bytes.get());
        case CHUNK_END -> {
          if (bytes.get() == '\n') beginChunk();
        }
        case TRAILER -> readTrailer(bytes.get());
        case DONE -> {}
      }
    }
    return part == Part.DONE;
  }

  int status() {
    return status;
  }

  /** Whether the server closes the connection after this response. */
  boolean closes() {
    return closes;
  }

  String body() {
    return body.toString(java.nio.charset.StandardCharsets.UTF_8);
  }

  private void readHead(ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      if (headLength == head.length) throw new MalformedResponseException("The head is too long");
      byte next = bytes.get();
      head[headLength++] = next;
      if (next == '\n' && endsHead()) {
        parseHead();
        return;
      }
    }
  }

  private boolean endsHead() {
    return headLength >= 4
        && head[headLength - 2] == '\r'
        && head[headLength - 3] == '\n'
        && head[headLength - 4] == '\r';
  }

  private void parseHead() {
    if (headLength < 16 || head[0] != 'H' || head[8] != ' ') {
      throw new MalformedResponseException("No status line: " + text(0, headLength));
    }
    status = (head[9] - '0') * 100 + (head[10] - '0') * 10 + (head[11] - '0');
    closes = false;
    long length = -1;
    boolean chunked = false;
    for (int line = lineAfter(0); line < headLength - 2; line = lineAfter(line)) {
      // Looked at by the first letter, as most lines are of no interest.
      switch (head[line] | 0x20) {
        case 'c' -> {
          if (begins(line, "content-length:")) length = Long.parseLong(value(line));
          else if (begins(line, "connection:")) closes = value(line).equals("close");
        }
        case 't' -> chunked |= begins(line, "transfer-encoding:") && value(line).equals("chunked");
        default -> {}
      }
    }
    if (chunked) {
      beginChunk();
    } else if (status == 204 || status == 304 || length == 0) {
      part = Part.DONE;
    } else if (length > 0) {
      remaining = length;
      part = Part.BODY;
    } else {
      throw new MalformedResponseException("Neither a length nor chunks: " + text(0, headLength));
    }
  }

  private int lineAfter(int line) {
    int at = line;
    while (head[at] != '\n') at++;
    return at + 1;
  }

  private boolean begins(int line, String name) {
    if (line + name.length() > headLength) return false;
    for (int i = 0; i < name.length(); i++) {
      byte letter = head[line + i];
      if (letter >= 'A' && letter <= 'Z') letter |= 0x20;
      if (letter != name.charAt(i)) return false;
    }
    return true;
  }

  private String value(int line) {
    int colon = line;
    while (head[colon] != ':') colon++;
    return text(colon + 1, lineAfter(line)).strip().toLowerCase(Locale.ROOT);
  }

  private String text(int from, int to) {
    return new String(head, from, to - from, ISO_8859_1);
  }

  private void readContent(ByteBuffer bytes) {
    int now = (int) Math.min(remaining, bytes.remaining());
    if (keepsBody) body.write(bytes.array(), bytes.arrayOffset() + bytes.position(), now);
    bytes.position(bytes.position() + now);
    remaining -= now;
    if (remaining == 0) part = part == Part.BODY ? Part.DONE : Part.CHUNK_END;
  }

  private void beginChunk() {
    part = Part.CHUNK_SIZE;
    remaining = 0;
    lineLength = 0;
    inExtension = false;
  }

  private void readChunkSize(byte next) {
    if (next == '\n') {
      if (lineLength == 0) throw new MalformedResponseException("A chunk without a size");
      lineLength = 0;
      part = remaining == 0 ? Part.TRAILER : Part.CHUNK;
    } else if (next == ';') {
      inExtension = true;
    } else if (next != '\r' && !inExtension) {
      int digit = Character.digit(next, 16);
      if (digit < 0) throw new MalformedResponseException("No size of a chunk: " + (char) next);
      remaining = remaining * 16 + digit;
      lineLength++;
    }
  }

  private void readTrailer(byte next) {
    if (next == '\n') {
      if (lineLength == 0) part = Part.DONE;
      lineLength = 0;
    } else if (next != '\r') {
      lineLength++;
    }
  }
}
