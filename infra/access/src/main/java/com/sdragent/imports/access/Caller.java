package com.sdragent.imports.access;

import java.util.Set;
import java.util.UUID;

/**
 * Who is calling. This is the only source of the organization: whatever a request says of it is
 * ignored.
 *
 * @param actor the name of the API key or the subject of the token
 */
public record Caller(UUID organization, String actor, Set<Scope> scopes) {
  public Caller {
    scopes = Set.copyOf(scopes);
  }
}
