package com.sdragent.imports.tool.terminal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.Set;

/**
 * A file that an option names; what is wrong with it is told with the option's name.
 *
 * @param option such as {@code --checkpoint}
 * @param path where the file is
 */
public record NamedFile(String option, Path path) {

  /**
   * All that is in the file.
   *
   * @param remedy what to do when there is no such file
   * @throws CannotLookException when it cannot be read
   */
  public byte[] read(String remedy) throws CannotLookException {
    try {
      return Files.readAllBytes(path);
    } catch (NoSuchFileException e) {
      throw new CannotLookException(option + ": there is no file " + path + ": " + remedy, e);
    } catch (IOException e) {
      throw new CannotLookException(option + ": " + path + " cannot be read: " + reason(e), e);
    }
  }

  /**
   * Makes the file, which must not be there.
   *
   * @param remedy what to do when there is one
   * @throws CannotLookException when there is one already, or it cannot be written
   */
  public void create(byte[] content, String remedy, FileAttribute<?>... attributes)
      throws CannotLookException {
    try (FileChannel channel =
        FileChannel.open(
            path, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)) {
      var rest = ByteBuffer.wrap(content);
      while (rest.hasRemaining()) channel.write(rest);
      channel.force(true);
    } catch (FileAlreadyExistsException e) {
      throw exists(remedy);
    } catch (IOException e) {
      throw new CannotLookException(option + ": " + path + " cannot be written: " + reason(e), e);
    }
  }

  /**
   * Refuses a file that is there.
   *
   * @throws CannotLookException when it is
   */
  public void requireNone(String remedy) throws CannotLookException {
    if (Files.exists(path)) throw exists(remedy);
  }

  private CannotLookException exists(String remedy) {
    return new CannotLookException(
        option + ": " + path + " exists already and is not written over: " + remedy);
  }

  /** Java's messages for files begin with the path alone. */
  private static String reason(IOException e) {
    return e instanceof NoSuchFileException
        ? "its folder is not there"
        : e.getClass().getSimpleName().replaceFirst("Exception$", "") + " " + e.getMessage();
  }
}
