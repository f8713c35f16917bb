package com.sdragent.imports.query.console;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import org.springframework.http.MediaType;

/** One file, as it is and compressed. */
final class ConsoleFile {
  private final MediaType type;
  private final byte[] plain;
  private final byte[] compressed;
  private final String tag;

  ConsoleFile(MediaType type, byte[] plain) {
    this.type = type;
    this.plain = plain;
    tag = UUID.nameUUIDFromBytes(plain).toString();
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    compressed = out.toByteArray();
  }

  MediaType type() {
    return type;
  }

  /** What is in it; the bytes are shared and not to be changed. */
  byte[] bytes(boolean areCompressed) {
    return areCompressed ? compressed : plain;
  }

  /** Names what is in it, compressed or not: a weak entity tag. */
  String tag() {
    return "W/\"" + tag + "\"";
  }
}
