package com.sdragent.imports.access.trail;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What is noted when somebody does it. */
public enum Action {
  KEY_CREATE,
  KEY_ROTATE,
  KEY_REVOKE,
  REPLAY_START,
  REPLAY_CANCEL,
  REBUILD_START,
  REBUILD_CANCEL,
  PARKED_RETRY,
  PARKED_DISCARD;

  /** The names of all, joined by commas. */
  public static final String ALL =
      Arrays.stream(values()).map(Action::label).collect(Collectors.joining(", "));

  /** The name in the trail, such as {@code key.create}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '.');
  }

  /** The action with this name, or nothing. */
  public static Optional<Action> labelled(String label) {
    return Arrays.stream(values()).filter(action -> action.label().equals(label)).findFirst();
  }
}
