package com.sdragent.imports.query.reads;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Who reads for requests.
 *
 * @param username a login role of PostgreSQL that is a member of {@code imports_viewer} alone
 * @param password its password
 */
@ConfigurationProperties("imports.query.reads")
record ReadsProperties(@Nullable String username, @Nullable String password) {

  ReadsProperties {
    if (username == null || username.isBlank()) {
      throw new IllegalArgumentException(
          "imports.query.reads.username is missing: set it to a login role that is a member of"
              + " imports_viewer and of no other role of the service"
              + " (infra/docs/operations.md#who-may-do-what)");
    }
  }

  /** The login role, which is always there. */
  String role() {
    return username == null ? "" : username;
  }

  /** The password, or an empty one where the server trusts the role. */
  String secret() {
    return password == null ? "" : password;
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "ReadsProperties[username=" + role() + "]";
  }
}
