package com.sdragent.imports.eventstore;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.NoArgGenerator;
import java.security.SecureRandom;
import java.util.Random;
import java.util.UUID;
import java.util.random.RandomGeneratorFactory;
import org.axonframework.common.IdentifierFactory;

/**
 * Makes the ids of imports and of all of Axon's messages, and so of events: UUIDs that grow with
 * time, so that an index of them stays compact. They are unique and no secrets. Axon finds this
 * class as a service.
 *
 * <p>The operating system is asked for randomness once. Axon makes four ids for each command, and
 * each of them was a call of the system.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9562#section-5.7">RFC 9562, version 7</a>
 */
public final class TimeOrderedIds extends IdentifierFactory {
  private static final int SEED_BYTES = 48;

  // The generator takes turns, so the source of its numbers need not.
  private static final NoArgGenerator GENERATOR =
      Generators.timeBasedEpochRandomGenerator(
          Random.from(RandomGeneratorFactory.of("L128X256MixRandom").create(seed())));

  /** A new id. */
  public static UUID next() {
    return GENERATOR.generate();
  }

  private static byte[] seed() {
    var seed = new byte[SEED_BYTES];
    new SecureRandom().nextBytes(seed);
    return seed;
  }

  @Override
  public String generateIdentifier() {
    return next().toString();
  }
}
