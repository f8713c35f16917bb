package com.sdragent.imports.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts refused credentials by reason, and logs one of each reason in ten seconds, so that whoever
 * guesses keys does not fill the log.
 */
final class Refusals {
  private static final Logger log = LoggerFactory.getLogger(Refusals.class);
  private static final Duration QUIET_FOR = Duration.ofSeconds(10);

  private final Map<Refusal, Counter> counters = new EnumMap<>(Refusal.class);
  private final Cache<Refusal, Boolean> told =
      Caffeine.newBuilder().expireAfterWrite(QUIET_FOR).build();

  Refusals(MeterRegistry meters) {
    for (Refusal reason : Refusal.values()) {
      counters.put(
          reason,
          Counter.builder("imports.access.refused")
              .description("Requests whose credential was refused")
              .tag("reason", reason.label())
              .register(meters));
    }
  }

  /** Notes a refusal; the answer is that there is nobody to let in. */
  <T> Optional<T> because(Refusal reason) {
    return because(reason, null);
  }

  /**
   * Notes the refusal of a key.
   *
   * @param keyId the id that it names, which is no secret, or null
   */
  <T> Optional<T> because(Refusal reason, @Nullable String keyId) {
    Counter counter = counters.get(reason);
    if (counter != null) counter.increment();
    if (told.asMap().putIfAbsent(reason, true) == null) {
      log.warn(
          "A credential was refused: {}{}; imports_access_refused_total counts the others",
          reason.label(),
          keyId == null ? "" : ", key " + keyId);
    }
    return Optional.empty();
  }
}
