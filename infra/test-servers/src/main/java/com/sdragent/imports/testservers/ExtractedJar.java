package com.sdragent.imports.testservers;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An executable jar in the form that Spring Boot recommends for running it, with its libraries as
 * separate files. In this form, the service starts with half the work.
 */
final class ExtractedJar {
  private ExtractedJar() {}

  /**
   * The jar to run, extracted beside the given one unless that has been done since it was built.
   */
  static synchronized Path of(Path jar) {
    Path directory = jar.resolveSibling("extracted");
    Path extracted = directory.resolve(jar.getFileName());
    // Tests of another module may want the same one now.
    try (var file = FileChannel.open(jar.resolveSibling("extracted.lock"), CREATE, WRITE);
        FileLock _ = file.lock()) {
      if (Files.exists(extracted)
          && Files.getLastModifiedTime(extracted).compareTo(Files.getLastModifiedTime(jar)) >= 0) {
        return extracted;
      }
      Process process =
          new ProcessBuilder(
                  ServiceProcess.java(),
                  "-Djarmode=tools",
                  "-jar",
                  jar.toString(),
                  "extract",
                  "--force",
                  "--destination",
                  directory.toString())
              .inheritIO()
              .start();
      if (process.waitFor() != 0) throw new IllegalStateException(jar + " cannot be extracted");
      return extracted;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted", e);
    }
  }
}
