package com.sdragent.imports.access;

import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who is calling. This is the only source of the organization: whatever a request says of it is
 * ignored.
 *
 * @param actor the name of the API key or the subject of the token
 * @param kind which of the two it is
 * @param keyId the key of the database that let the caller in, alone or beside a token, or null
 */
public record Caller(
    UUID organization, String actor, ActorKind kind, @Nullable String keyId, Set<Scope> scopes) {
  public Caller {
    scopes = Set.copyOf(scopes);
  }
}
