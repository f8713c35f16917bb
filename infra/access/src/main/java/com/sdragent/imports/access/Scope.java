package com.sdragent.imports.access;

import java.util.Optional;

/** What a credential allows. */
public enum Scope {
  IMPORTS_READ("imports:read"),
  IMPORTS_WRITE("imports:write"),
  /** History, as-of reads and the feed. */
  IMPORTS_AUDIT("imports:audit"),
  /** The organization's own keys. */
  ADMIN("admin"),
  /** Everything under /admin, across organizations. Only configuration gives it. */
  OPERATOR("operator");

  private final String label;

  Scope(String label) {
    this.label = label;
  }

  /** The name in tokens, keys and documents. */
  public String label() {
    return label;
  }

  /** The scope with this name, or nothing. */
  public static Optional<Scope> labelled(String label) {
    for (Scope scope : values()) {
      if (scope.label.equals(label)) return Optional.of(scope);
    }
    return Optional.empty();
  }
}
