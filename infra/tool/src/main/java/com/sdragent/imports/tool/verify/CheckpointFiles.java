package com.sdragent.imports.tool.verify;

import com.sdragent.imports.tool.terminal.CannotLookException;
import com.sdragent.imports.tool.terminal.NamedFile;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checkpoints as they come from files and witnesses, and what is wrong with them by themselves. */
final class CheckpointFiles {
  private final List<PublicKey> keys;
  private final List<Checkpoint> valid = new ArrayList<>();
  private final List<Finding> findings = new ArrayList<>();

  /** For checkpoints that the owners of these keys signed. */
  CheckpointFiles(List<PublicKey> keys) {
    this.keys = keys;
  }

  /** Those with a valid signature. */
  List<Checkpoint> valid() {
    return valid;
  }

  /** What is wrong with the others, or with the order of all. */
  List<Finding> findings() {
    return findings;
  }

  /** Takes what a file holds, one checkpoint or all of a log. */
  void take(NamedFile file) throws CannotLookException {
    byte[] content = file.read("take one with 'imports-tool checkpoint', or correct the name");
    List<Checkpoint> held = parse(file, content);
    if (held.size() == 1) take(held.getFirst(), file.path().toString());
    else take(held, file.path().toString());
  }

  /**
   * Takes all that a witness holds.
   *
   * @throws CannotLookException when it holds nothing, or cannot be read
   */
  void take(Witness witness) throws CannotLookException {
    List<Checkpoint> held = witness.checkpoints();
    if (held.isEmpty())
      throw new CannotLookException(
          none(witness) + "correct the name, or find out who removed them");
    take(held, witness.toString());
  }

  /** That a witness has no checkpoint, for people; what to do is said behind it. */
  static String none(Witness witness) {
    return witness + " is not there or holds no checkpoint: ";
  }

  /** Takes checkpoints that were published one after the other, from the first one on. */
  void take(List<Checkpoint> published, String where) {
    Checkpoint before = null;
    for (Checkpoint checkpoint : published) {
      String which = where + ": the checkpoint of " + checkpoint.time();
      take(checkpoint, which);
      String wrong = before == null ? wrongFirst(checkpoint) : wrongAfter(before, checkpoint);
      if (wrong != null) found("checkpoints", which + wrong);
      before = checkpoint;
    }
  }

  private void take(Checkpoint checkpoint, String which) {
    if (keys.stream().anyMatch(checkpoint::isSignedBy)) valid.add(checkpoint);
    else found("signature", which + " was not signed with this key, or was changed");
  }

  private static @Nullable String wrongFirst(Checkpoint first) {
    return first.previous() == null
        ? null
        : " is the first here and follows another: those before it were removed";
  }

  private static @Nullable String wrongAfter(Checkpoint before, Checkpoint next) {
    boolean isOld = next.format().equals(Checkpoint.FIRST_FORMAT);
    if (isOld && !before.format().equals(Checkpoint.FIRST_FORMAT)) {
      return " is of the first format, and the one before it is not: it was added or moved";
    }
    if (!isOld && !next.follows(before)) {
      return " does not follow the one before it: one was removed, added or moved";
    }
    return next.position() >= before.position()
        ? null
        : " is of position %s, and the one before it of %s: it was added or moved"
            .formatted(next.position(), before.position());
  }

  private void found(String kind, String text) {
    findings.add(new Finding(kind, null, null, text));
  }

  /** The checkpoints that a file's content is. */
  static List<Checkpoint> parse(NamedFile file, byte[] content) throws CannotLookException {
    try {
      return Checkpoint.read(content);
    } catch (IllegalArgumentException e) {
      throw new CannotLookException(
          file.option() + ": " + file.path() + " is " + e.getMessage() + ": correct the name", e);
    }
  }
}
