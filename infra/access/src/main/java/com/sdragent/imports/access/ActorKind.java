package com.sdragent.imports.access;

import java.util.Locale;

/** By what an actor showed who it is. A token's subject and a key may have the same name. */
public enum ActorKind {
  /** An API key; the actor is its name. */
  KEY,
  /** A bearer token; the actor is its subject. */
  TOKEN;

  /** The name in events, in the audit trail and in answers. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
