package com.sdragent.imports.web;

import com.sdragent.imports.web.ApiError.FieldError;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The key under which a client may send a request again, so that it is done once. A request without
 * one pays for a look at its headers.
 *
 * @param value 1 to 255 visible ASCII characters
 * @param digest of the method, the address and the bytes of the body: SHA-256 as hexadecimal digits
 * @see <a
 *     href="https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07">
 *     draft-ietf-httpapi-idempotency-key-header-07</a>
 */
public record IdempotencyKey(String value, String digest) {
  /** The header of an answer that was given before. */
  public static final String REPLAYED = "Idempotency-Replayed";

  private static final String HEADER = "Idempotency-Key";
  private static final String BODY = IdempotencyKey.class.getName();
  private static final byte[] NO_BODY = {};
  private static final int LONGEST = 255;

  /**
   * The key of this request, whose body has been read; null when it has none.
   *
   * @param address what the request is about, however the client wrote it
   * @throws ApiError 400 that names the header, when it cannot be read
   */
  public static @Nullable IdempotencyKey of(HttpServletRequest request, String address) {
    if (request.getHeader(HEADER) == null) return null;
    List<String> lines = Collections.list(request.getHeaders(HEADER));
    String value = lines.size() == 1 ? unquoted(lines.getFirst().strip()) : "";
    if (value.isEmpty() || value.length() > LONGEST || !isVisible(value)) {
      throw ApiError.validation(
          List.of(
              new FieldError(
                  HEADER,
                  "must be one key of 1 to "
                      + LONGEST
                      + " visible ASCII characters, in quotes or not")));
    }
    return new IdempotencyKey(value, digest(request, address));
  }

  /** Keeps the bytes of a body for the digest, if the request has a key. */
  static void note(HttpServletRequest request, byte[] body) {
    if (request.getHeader(HEADER) != null) request.setAttribute(BODY, body);
  }

  private static String digest(HttpServletRequest request, String address) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      String line = request.getMethod() + " " + address + "\n";
      digest.update(line.getBytes(StandardCharsets.UTF_8));
      digest.update(request.getAttribute(BODY) instanceof byte[] body ? body : NO_BODY);
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  /** What a string of a structured field (RFC 9651, 3.3.3) says, or else the text itself. */
  private static String unquoted(String text) {
    if (!text.startsWith("\"")) return text;
    var value = new StringBuilder();
    for (int at = 1; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '"') return at == text.length() - 1 ? value.toString() : "";
      if (c == '\\') {
        at++;
        if (at == text.length() || (text.charAt(at) != '"' && text.charAt(at) != '\\')) return "";
      }
      value.append(text.charAt(at));
    }
    return "";
  }

  private static boolean isVisible(String text) {
    return text.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }
}
