package com.sdragent.imports.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * A record that was stored once: a file of the corpus, named by event and revision, and by more
 * where a revision has several. None is ever changed or removed.
 */
record ApprovedRecord(String logicalName, int revision, String text) {

  static List<ApprovedRecord> all() {
    return files("corpus").stream().map(ApprovedRecord::of).toList();
  }

  private static ApprovedRecord of(Path file) {
    String[] parts = file.getFileName().toString().split("\\.", -1);
    try {
      return new ApprovedRecord(
          parts[0], Integer.parseInt(parts[1]), Files.readString(file).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The files of a folder beside the events, in the order of their names. */
  static List<Path> files(String folder) {
    try (var files =
        Files.list(
            Path.of(Objects.requireNonNull(ImportEvent.class.getResource(folder)).toURI()))) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  byte[] json() {
    return text.getBytes(UTF_8);
  }

  boolean isOf(ImportEventType type, int itsRevision) {
    return logicalName.equals(type.logicalName()) && revision == itsRevision;
  }

  /** In the names of schemas and of CloudEvents types. */
  String name() {
    return logicalName + ".v" + revision;
  }

  @Override
  public String toString() {
    return logicalName + " " + revision;
  }
}
