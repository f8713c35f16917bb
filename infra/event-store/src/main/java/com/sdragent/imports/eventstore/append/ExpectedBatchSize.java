package com.sdragent.imports.eventstore.append;

/**
 * How many commands are likely to come together: as many as lately did. Now and then a batch waits
 * for some more, because those who wait never learn otherwise whether more would come. While more
 * do come each batch tries; when none do, fewer and fewer try.
 */
final class ExpectedBatchSize {
  /** With each batch, this part of what was usual before is forgotten. */
  private static final int FORGOTTEN = 8;

  /** A trial waits for this part more than is usual. */
  private static final int MORE = 4;

  private static final int MOST_BETWEEN_TRIALS = 32;

  private double usual;
  private int betweenTrials = 1;
  private int untilTrial = 1;

  /** How many the next batch waits for, 0 or 1 when a command is likely to be alone. */
  int wanted() {
    int wanted = (int) usual;
    if (wanted < 2 || untilTrial > 1) return wanted;
    return wanted + Math.ceilDiv(wanted, MORE);
  }

  /** How many the batch had in the end, 0 when nobody came. */
  void came(int commands) {
    int wanted = wanted();
    if (wanted > (int) usual) {
      betweenTrials = commands >= wanted ? 1 : Math.min(2 * betweenTrials, MOST_BETWEEN_TRIALS);
      untilTrial = betweenTrials;
    } else if (untilTrial > 1) {
      untilTrial--;
    }
    usual = Math.max(commands, usual - usual / FORGOTTEN);
  }
}
