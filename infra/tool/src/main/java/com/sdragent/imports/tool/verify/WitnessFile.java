package com.sdragent.imports.tool.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sdragent.imports.tool.terminal.CannotLookException;
import com.sdragent.imports.tool.terminal.NamedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file that checkpoints are added to, one a line. Whoever adds one has locked it since it read.
 */
final class WitnessFile implements Witness {
  private final NamedFile file;
  private @Nullable FileChannel locked;

  WitnessFile(NamedFile file) {
    this.file = file;
  }

  @Override
  public List<Checkpoint> checkpoints() throws CannotLookException {
    byte[] content = content();
    if (content.length == 0) return List.of();
    if (content[content.length - 1] != '\n') {
      throw new CannotLookException(
          file.option() + ": the last line of " + file.path() + " is not whole: remove that line");
    }
    return CheckpointFiles.parse(file, content);
  }

  private byte[] content() throws CannotLookException {
    FileChannel channel = locked;
    if (channel == null) {
      return Files.exists(file.path()) ? file.read("it has just been there") : new byte[0];
    }
    try {
      // Through this channel: POSIX gives a process's lock up when it closes any other.
      return Channels.newInputStream(channel.position(0)).readAllBytes();
    } catch (IOException e) {
      throw failed("read", e);
    }
  }

  @Override
  public void begin() throws CannotLookException {
    close();
    try {
      lock(FileChannel.open(file.path(), StandardOpenOption.READ, StandardOpenOption.WRITE));
    } catch (NoSuchFileException e) {
      // It is made when something is added, so that one that was lost is missed.
    } catch (CannotLookException e) {
      throw e;
    } catch (IOException e) {
      throw failed("written", e);
    }
  }

  private FileChannel lock(FileChannel channel) throws IOException {
    locked = channel;
    try {
      if (channel.tryLock() != null) return channel;
    } catch (OverlappingFileLockException e) {
      // It is another of this process, which is told the same.
    }
    close();
    throw inUse(null);
  }

  @Override
  public void add(Checkpoint checkpoint) throws CannotLookException {
    try {
      FileChannel channel = locked;
      if (channel == null) {
        channel =
            lock(
                FileChannel.open(
                    file.path(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
      }
      channel.position(channel.size());
      var line = ByteBuffer.wrap(checkpoint.line().getBytes(UTF_8));
      while (line.hasRemaining()) channel.write(line);
      channel.force(true);
    } catch (FileAlreadyExistsException e) {
      throw inUse(e);
    } catch (CannotLookException e) {
      throw e;
    } catch (IOException e) {
      throw failed("written", e);
    } finally {
      close();
    }
  }

  private CannotLookException inUse(@Nullable Exception cause) {
    return new CannotLookException(
        file.option()
            + ": another imports-tool is signing into "
            + file.path()
            + ": let one of them do so",
        cause);
  }

  private CannotLookException failed(String what, IOException cause) {
    return new CannotLookException(this + " cannot be " + what + ": " + cause.getMessage(), cause);
  }

  @Override
  public void close() {
    FileChannel channel = locked;
    locked = null;
    try {
      if (channel != null) channel.close();
    } catch (IOException e) {
      // What was added had been forced to the disk before.
    }
  }

  @Override
  public String toString() {
    return file.option() + ": " + file.path();
  }
}
