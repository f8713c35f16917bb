package com.sdragent.imports.access;

import java.util.Locale;

/** Why a credential does not let anybody in. The client is told none of it but the last. */
enum Refusal {
  /** No credential was sent to a route that needs one. */
  MISSING,
  /** One was sent twice. */
  REPEATED,
  /** It has another form, or its checksum is wrong. */
  MALFORMED,
  /** No key has this id and this secret. */
  UNKNOWN,
  REVOKED,
  /** Its time is over, or it was rotated and the overlap has passed. */
  EXPIRED,
  /** The key may not be used from this address. */
  NETWORK,
  /** The token is not valid, or names no organization. */
  TOKEN,
  /** A key and a token of different organizations were sent. */
  MISMATCH,
  /** Its organization is placed on another store. */
  ELSEWHERE;

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
