package com.sdragent.imports.access.limits;

/** The requests that one caller or one organization has left. */
interface Quota {

  /** Takes one request, if one is left. */
  Taken take();

  /** Gives back one that was taken for nothing. */
  void giveBack();

  /**
   * What came of it.
   *
   * @param left how many requests are left now
   * @param nanosToNext until one more is left
   */
  record Taken(boolean isAllowed, long left, long nanosToNext) {}
}
