package com.sdragent.imports.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The directory that holds the servers' data, for one process at a time. The lock is the operating
 * system's: a process that crashed holds none.
 */
public final class DataDirectory implements AutoCloseable {
  private static final String PROPERTY = "imports.standalone.data-directory";
  private static final long FULL_BYTES = 64L << 20;

  /**
   * The characters at which Kafka's list of directories, or the shells that PostgreSQL's programs
   * call, take a path apart.
   */
  private static final String TAKEN_APART = "\"$`\\,";

  /** Well below the 1024 bytes that PostgreSQL's programs have for the path of a file. */
  private static final int LONGEST = 200;

  private final Path path;
  private final FileChannel channel;
  private final @Nullable Path beside;

  private DataDirectory(Path path, FileChannel channel, @Nullable Path beside) {
    this.path = path;
    this.channel = channel;
    this.beside = beside;
  }

  /**
   * The path that this text names.
   *
   * @throws ServerStartException when this process cannot give a file that name
   */
  public static Path named(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new ServerStartException(
          "%s has characters that no file's name can have in this process's locale: start it with LC_ALL=C.UTF-8 in its environment, or set another directory"
              .formatted(PROPERTY),
          e);
    }
  }

  /**
   * Creates the directory if necessary and takes it for this process.
   *
   * @throws ServerStartException when it cannot be written or another process has it
   */
  public static DataDirectory take(Path directory) {
    Path path = directory.toAbsolutePath().normalize();
    try {
      Files.createDirectories(path);
      var channel =
          FileChannel.open(
              path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (lock(channel) == null) {
        channel.close();
        throw new ServerStartException(
            "Another process uses the data directory %s: stop it, or set %s"
                .formatted(path, PROPERTY));
      }
      return new DataDirectory(path, channel, isPlain(path) ? null : beside(path));
    } catch (IOException e) {
      throw new ServerStartException(
          "The data directory %s cannot be written (%s): make it writable, or set %s"
              .formatted(path, reason(e), PROPERTY),
          e);
    }
  }

  private static @Nullable FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static String reason(IOException e) {
    return switch (e) {
      case FileAlreadyExistsException file -> file.getFile() + " is no directory";
      case AccessDeniedException _ -> "permission denied";
      case NoSuchFileException _ -> "nothing can be made there";
      case FileSystemException file when file.getReason() != null -> file.getReason();
      default -> String.valueOf(e.getMessage());
    };
  }

  private static boolean isPlain(Path path) {
    String text = path.toString();
    return text.length() <= LONGEST
        && text.chars().noneMatch(c -> TAKEN_APART.indexOf(c) >= 0 || Character.isISOControl(c));
  }

  /** A directory of this process's own with a plain path and a link to the data. */
  private static Path beside(Path path) throws IOException {
    Path beside = Files.createTempDirectory("imports-data-").toAbsolutePath();
    if (!isPlain(beside)) {
      throw new FileSystemException(
          path.toString(), null, "neither its path nor java.io.tmpdir is plain");
    }
    Files.createSymbolicLink(beside.resolve("data"), path);
    return beside;
  }

  Path resolve(String name) {
    return path.resolve(name);
  }

  /** Does the same as {@link #resolve}, by a path that other programs leave in one piece. */
  Path plain(String name) {
    return beside == null ? path.resolve(name) : beside.resolve("data").resolve(name);
  }

  /** The directory that programs can run from: here, or one where their own path is plain. */
  Path programs(String name) {
    return (beside == null ? path : beside).resolve(name);
  }

  /**
   * Reports that a server did not start on this directory, because its disk is full or for this
   * reason.
   */
  ServerStartException refused(String otherwise, @Nullable Throwable cause) {
    try {
      long free = Files.getFileStore(path).getUsableSpace();
      return new ServerStartException(refused(otherwise, free), cause);
    } catch (IOException e) {
      return new ServerStartException(otherwise, cause);
    }
  }

  String refused(String otherwise, long freeBytes) {
    return freeBytes >= FULL_BYTES
        ? otherwise
        : "The disk that holds %s is full (%s MB are free): make room, or set %s"
            .formatted(path, freeBytes >> 20, PROPERTY);
  }

  @Override
  public void close() {
    try {
      channel.close();
      if (beside != null) deleteBeside(beside);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Deletes the programs and the link, not what the link leads to. */
  private static void deleteBeside(Path beside) throws IOException {
    List<Path> files;
    try (var walk = Files.walk(beside)) {
      files = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) Files.deleteIfExists(file);
  }
}
