package com.sdragent.imports.tool.verify;

import com.sdragent.imports.tool.terminal.CannotLookException;
import java.util.List;

/** Where checkpoints are published, in the order in which they were signed. */
interface Witness extends AutoCloseable {
  /**
   * All that it holds, the oldest first.
   *
   * @throws CannotLookException when it cannot be read
   */
  List<Checkpoint> checkpoints() throws CannotLookException;

  /**
   * Adds a checkpoint. It is kept there when this returns.
   *
   * @throws CannotLookException when it may not be
   */
  void add(Checkpoint checkpoint) throws CannotLookException;

  @Override
  void close();
}
