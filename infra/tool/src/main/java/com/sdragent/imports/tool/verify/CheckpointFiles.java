package com.sdragent.imports.tool.verify;

import com.sdragent.imports.tool.terminal.CannotLookException;
import com.sdragent.imports.tool.terminal.NamedFile;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;

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

  /** Takes what a file holds, one checkpoint or several that follow each other. */
  void take(NamedFile file) throws CannotLookException {
    byte[] content = file.read("take one with 'imports-tool checkpoint', or correct the name");
    take(parse(file, content), file.path().toString());
  }

  /** Takes checkpoints that were published one after the other. */
  void take(List<Checkpoint> published, String where) {
    Checkpoint before = null;
    for (Checkpoint checkpoint : published) {
      String which = published.size() == 1 ? where : where + ", of " + checkpoint.time();
      if (keys.stream().anyMatch(checkpoint::isSignedBy)) valid.add(checkpoint);
      else found("signature", which + " was not signed with this key, or was changed");
      if (before != null
          && checkpoint.format().equals(Checkpoint.FORMAT)
          && !checkpoint.follows(before)) {
        found(
            "checkpoints",
            which + " does not follow the one before it: one was removed, added or moved");
      }
      before = checkpoint;
    }
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
