package com.sdragent.imports.access.trail;

import java.util.Locale;

/** How an action ended. */
public enum TrailOutcome {
  DONE,
  /** It was not allowed, or there was nothing to do it with. */
  REFUSED,
  /** It was not done, for now. */
  FAILED,
  /** It was done, or not. */
  UNKNOWN;

  /** The name in the trail. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
