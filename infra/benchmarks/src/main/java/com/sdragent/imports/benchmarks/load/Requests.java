package com.sdragent.imports.benchmarks.load;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The requests that a load consists of, as bytes that are made before it begins. Used by one thread
 * alone.
 */
@FunctionalInterface
public interface Requests {
  /** Puts the next request, which is at most {@value #LARGEST} bytes, into an empty buffer. */
  void put(ByteBuffer target);

  int LARGEST = 4096;

  /** A digit of a number that is another one in every request. */
  char COUNTED = '#';

  /** The bytes of one request of HTTP/1.1. A body is JSON. */
  static byte[] bytes(String method, String path, List<String> headers, String body) {
    var head = new StringBuilder(method).append(' ').append(path).append(" HTTP/1.1\r\n");
    head.append("Host: localhost\r\n");
    for (String header : headers) head.append(header).append("\r\n");
    byte[] content = body.getBytes(UTF_8);
    if (content.length > 0) {
      head.append("Content-Type: application/json\r\nContent-Length: ")
          .append(content.length)
          .append("\r\n");
    }
    byte[] start = head.append("\r\n").toString().getBytes(US_ASCII);
    byte[] request = java.util.Arrays.copyOf(start, start.length + content.length);
    System.arraycopy(content, 0, request, start.length, content.length);
    if (request.length > LARGEST) throw new IllegalArgumentException("Too large: " + path);
    return request;
  }

  /**
   * Any of these at random, the same sequence in each run. Where they have a row of {@link
   * #COUNTED}, a counter is put in, so that each request asks for a change.
   */
  static Requests anyOf(List<byte[]> requests) {
    byte[][] all = requests.toArray(byte[][]::new);
    int[] counted = new int[all.length];
    for (int i = 0; i < all.length; i++) counted[i] = lastCounted(all[i]);
    var random = new SplittableRandom(14);
    return new Requests() {
      private long count = System.nanoTime();

      @Override
      public void put(ByteBuffer target) {
        int chosen = all.length == 1 ? 0 : random.nextInt(all.length);
        byte[] request = all[chosen];
        target.put(request);
        if (counted[chosen] < 0) return;
        long digits = count++;
        for (int at = counted[chosen]; at >= 0 && request[at] == COUNTED; at--) {
          // The first digit of a number in JSON must not be a zero.
          boolean first = request[at - 1] != COUNTED;
          target.put(at, (byte) ('0' + (first ? 1 : digits % 10)));
          digits /= 10;
        }
      }
    };
  }

  private static int lastCounted(byte[] request) {
    for (int at = request.length - 1; at >= 0; at--) if (request[at] == COUNTED) return at;
    return -1;
  }
}
