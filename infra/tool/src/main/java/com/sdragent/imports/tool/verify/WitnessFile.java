package com.sdragent.imports.tool.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sdragent.imports.tool.terminal.CannotLookException;
import com.sdragent.imports.tool.terminal.NamedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** A file that checkpoints are added to, one a line. */
final class WitnessFile implements Witness {
  private final NamedFile file;

  WitnessFile(NamedFile file) {
    this.file = file;
  }

  @Override
  public List<Checkpoint> checkpoints() throws CannotLookException {
    if (!Files.exists(file.path())) return List.of();
    byte[] content = file.read("it has just been there");
    if (content.length == 0) return List.of();
    if (content[content.length - 1] != '\n') {
      throw new CannotLookException(
          file.option() + ": the last line of " + file.path() + " is not whole: remove that line");
    }
    return CheckpointFiles.parse(file, content);
  }

  @Override
  public void begin() {
    // What was written is in the file, whole or not.
  }

  @Override
  public void add(Checkpoint checkpoint) throws CannotLookException {
    try (FileChannel channel =
        FileChannel.open(
            file.path(),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.APPEND)) {
      var line = ByteBuffer.wrap(checkpoint.line().getBytes(UTF_8));
      while (line.hasRemaining()) channel.write(line);
      channel.force(true);
    } catch (IOException e) {
      throw new CannotLookException(
          file.option() + ": " + file.path() + " cannot be written: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    // Nothing is held.
  }

  @Override
  public String toString() {
    return file.option() + ": " + file.path();
  }
}
