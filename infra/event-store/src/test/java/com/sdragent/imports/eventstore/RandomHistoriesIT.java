package com.sdragent.imports.eventstore;

import static com.sdragent.imports.eventstore.EventStoreFixture.changed;
import static com.sdragent.imports.eventstore.EventStoreFixture.created;
import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.eventstore.append.AppendOutcomeUnknownException;
import com.sdragent.imports.eventstore.append.EventStoreUnavailableException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.modelling.command.AggregateStreamCreationException;
import org.axonframework.modelling.command.ConcurrencyException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random interleavings of appends, conflicts, broken connections, restarts of nodes and reads, held
 * against a model. The seed decides on all that a test can decide; what the threads of a round do
 * to each other, the model allows for.
 */
class RandomHistoriesIT {
  private static final int NODES = 3;
  private static final int IMPORTS = 6;

  @ParameterizedTest
  @ValueSource(longs = {20241006, 1, 2, 3})
  void the_store_is_what_the_model_says(long seed) throws Exception {
    new History(seed).run(60);
  }

  @Test
  @Tag("soak")
  void the_store_is_what_the_model_says_of_many_seeds() throws Exception {
    for (long seed = 100; seed < 200; seed++) new History(seed).run(150);
  }

  private enum Outcome {
    STORED,
    CONFLICT,
    UNAVAILABLE,
    UNKNOWN
  }

  private record Attempt(DomainEventMessage<?> event, Future<Outcome> outcome) {
    UUID importId() {
      return UUID.fromString(event.getAggregateIdentifier());
    }
  }

  private static final class History {
    private final long seed;
    private final Random random;
    private final List<UUID> imports = new ArrayList<>();

    /** The model: the ids of each import's events, in order. */
    private final Map<UUID, List<String>> model = new HashMap<>();

    History(long seed) {
      this.seed = seed;
      random = new Random(seed);
      for (int i = 0; i < IMPORTS; i++) imports.add(new UUID(random.nextLong(), random.nextLong()));
      imports.forEach(id -> model.put(id, new ArrayList<>()));
    }

    void run(int rounds) throws Exception {
      try (var fixture = new EventStoreFixture();
          var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        var nodes = new ArrayList<PostgresEventStorageEngine>();
        for (int i = 0; i < NODES; i++) nodes.add(fixture.engine());
        for (int round = 0; round < rounds; round++) {
          var attempts = new ArrayList<Attempt>();
          for (int writers = random.nextInt(1, 9); writers > 0; writers--) {
            attempts.add(attempt(nodes.get(random.nextInt(NODES)), threads));
          }
          switch (random.nextInt(6)) {
            case 0 -> fixture.breakAppenders();
            case 1 -> {
              int node = random.nextInt(NODES);
              nodes.get(node).close();
              nodes.set(node, fixture.engine());
            }
            default -> {}
          }
          settle(attempts);
          assertEqualsModel(nodes.get(random.nextInt(NODES)));
        }
        long events = model.values().stream().mapToInt(List::size).sum();
        for (var node : nodes) assertThat(node.head()).as("seed %d", seed).isEqualTo(events);
        assertThat(EventStoreFixture.all(nodes.getFirst())).hasSize((int) events);
      }
    }

    /** The next event of an import mostly, else one that is too early or too late. */
    private Attempt attempt(PostgresEventStorageEngine node, ExecutorService threads) {
      UUID id = imports.get(random.nextInt(IMPORTS));
      long next = Math.max(0, model(id).size() + random.nextInt(4) / 3 - random.nextInt(4) / 3);
      DomainEventMessage<?> event = next == 0 ? created(id) : changed(id, next);
      return new Attempt(event, threads.submit(() -> append(node, event)));
    }

    private static Outcome append(PostgresEventStorageEngine node, DomainEventMessage<?> event) {
      try {
        node.appendEvents(event);
        return Outcome.STORED;
      } catch (ConcurrencyException | AggregateStreamCreationException e) {
        return Outcome.CONFLICT;
      } catch (EventStoreUnavailableException e) {
        return Outcome.UNAVAILABLE;
      } catch (AppendOutcomeUnknownException e) {
        return Outcome.UNKNOWN;
      }
    }

    /** Brings the model to where the answers say that the store is. */
    private void settle(List<Attempt> attempts)
        throws ExecutionException, InterruptedException, java.util.concurrent.TimeoutException {
      for (UUID id : imports) {
        List<String> events = model(id);
        var stored = new HashMap<Long, String>();
        var conflicts = new ArrayList<Long>();
        for (Attempt attempt : attempts) {
          if (!attempt.importId().equals(id)) continue;
          long sequence = attempt.event().getSequenceNumber();
          switch (attempt.outcome().get(30, TimeUnit.SECONDS)) {
            case STORED ->
                assertThat(stored.put(sequence, attempt.event().getIdentifier()))
                    .as("seed %d: two winners", seed)
                    .isNull();
            case CONFLICT -> conflicts.add(sequence);
            case UNAVAILABLE -> {}
            case UNKNOWN -> throw new AssertionError("seed " + seed + ": PostgreSQL was there");
          }
        }
        for (int won = stored.size(); won > 0; won--) {
          String event = stored.get((long) events.size());
          assertThat(event).as("seed %d: the next of %s", seed, id).isNotNull();
          events.add(event);
        }
        // Nobody is refused what nobody else took: too late, or too early when it came.
        for (long sequence : conflicts) {
          boolean followed = sequence == events.size() && !stored.containsKey(sequence - 1);
          assertThat(followed).as("seed %d: a conflict without a cause", seed).isFalse();
        }
      }
    }

    private void assertEqualsModel(PostgresEventStorageEngine node) {
      UUID id = imports.get(random.nextInt(IMPORTS));
      assertThat(node.readEvents(id.toString()).asStream().map(DomainEventMessage::getIdentifier))
          .as("seed %d", seed)
          .containsExactlyElementsOf(model(id));
      assertThat(node.lastSequenceNumberFor(id.toString()).orElse(-1L))
          .isEqualTo(model(id).size() - 1L);
    }

    private List<String> model(UUID id) {
      return java.util.Objects.requireNonNull(model.get(id));
    }
  }
}
