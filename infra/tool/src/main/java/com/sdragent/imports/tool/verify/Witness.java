package com.sdragent.imports.tool.verify;

import com.sdragent.imports.tool.terminal.CannotLookException;
import java.util.List;

/** Where checkpoints are published, in the order in which they were signed. */
interface Witness extends AutoCloseable {
  /**
   * All that it holds, the oldest first; none when it is not there.
   *
   * @throws CannotLookException when it cannot be read
   */
  List<Checkpoint> checkpoints() throws CannotLookException;

  /**
   * Begins what {@link #add} ends: whatever others were adding is there from here on or never will
   * be, and if another begins meanwhile, this one adds nothing. So of two checkpoints that follow
   * the same one, at most one is added.
   *
   * @throws CannotLookException when that is not certain
   */
  void begin() throws CannotLookException;

  /**
   * Adds a checkpoint, and makes the witness if it is not there. It is kept there when this
   * returns.
   *
   * @throws CannotLookException when it may not be
   */
  void add(Checkpoint checkpoint) throws CannotLookException;

  /** Gives up what was begun and not added. Another may begin then, this one as well. */
  @Override
  void close();
}
