package com.sdragent.imports.testservers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** The directory of a test server's data, whose files come and go while the server runs. */
final class TemporaryDirectory {
  private TemporaryDirectory() {}

  static Path create(String name) {
    try {
      return Files.createTempDirectory("imports-test-" + name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path createIn(Path parent, String name) {
    try {
      return Files.createTempDirectory(parent, name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The directory of a PostgreSQL server, whose programs all test runs of this user share:
   * unpacking them takes longer than the start.
   */
  static Path withSharedPrograms(Path directory) {
    Path shared =
        Path.of(
            System.getProperty("java.io.tmpdir"),
            "imports-test-programs-" + System.getProperty("user.name"));
    try {
      Files.createDirectories(shared);
      Files.createSymbolicLink(directory.resolve("postgres-binaries"), shared);
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Copies everything in a directory, over the earlier copy. */
  static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new Visitor() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            Path copy = to.resolve(from.relativize(directory));
            if (!Files.exists(copy))
              Files.copy(directory, copy, StandardCopyOption.COPY_ATTRIBUTES);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            try {
              Files.copy(
                  file,
                  to.resolve(from.relativize(file)),
                  StandardCopyOption.REPLACE_EXISTING,
                  StandardCopyOption.COPY_ATTRIBUTES);
            } catch (NoSuchFileException e) {
              // The file went while the directory was read.
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Deletes a directory with everything in it. */
  static void delete(Path directory) {
    try {
      Files.walkFileTree(
          directory,
          new Visitor() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
                throws IOException {
              Files.deleteIfExists(visited);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static class Visitor extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
      if (failure instanceof NoSuchFileException) return FileVisitResult.CONTINUE;
      throw failure;
    }
  }
}
