package com.sdragent.imports.eventstore.append;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What an append has to do with a {@link KeyedRequest}.
 *
 * @param answer what is kept if the append stores; null when nothing is to be stored, but only to
 *     be found out whether the request was answered before
 * @param attempt tells this append from all others, so that it finds itself when its answer was
 *     lost
 * @param importId what the request is about
 * @param follows the number of the import's last event, on which the answer was decided; only
 *     without events
 */
record KeyedAppend(
    KeyedRequest request, @Nullable String answer, UUID attempt, UUID importId, long follows) {

  /**
   * What is known of the key, under the append's lock.
   *
   * @param isNext whether the command's answer was kept, or could have been if it had one
   * @param first what was kept before, which excludes the other
   */
  record Found(boolean isNext, @Nullable First first) {}

  /** The first answer under a key. */
  record First(UUID attempt, String digest, String answer) {}
}
