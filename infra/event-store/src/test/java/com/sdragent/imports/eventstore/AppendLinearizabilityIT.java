package com.sdragent.imports.eventstore;

import static com.sdragent.imports.eventstore.EventStoreFixture.changed;
import static com.sdragent.imports.eventstore.EventStoreFixture.created;

import java.util.List;
import java.util.UUID;
import org.axonframework.eventsourcing.eventstore.EventStoreException;
import org.axonframework.modelling.command.AggregateStreamCreationException;
import org.axonframework.modelling.command.ConcurrencyException;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Whatever threads do on two nodes at a time, their answers are those of one store that does one
 * thing after the other (linearizability, Herlihy and Wing 1990), checked by Lincheck.
 */
@Param(name = "import", gen = IntGen.class, conf = "0:1")
@Param(name = "sequence", gen = IntGen.class, conf = "0:3")
@Param(name = "node", gen = IntGen.class, conf = "0:1")
public class AppendLinearizabilityIT {
  private static final EventStoreFixture FIXTURE = new EventStoreFixture();
  private static final List<PostgresEventStorageEngine> NODES =
      List.of(FIXTURE.engine(), FIXTURE.engine());

  /** Each instance has imports of its own in the one store. */
  private final List<UUID> imports = List.of(UUID.randomUUID(), UUID.randomUUID());

  @Operation
  public boolean append(
      @Param(name = "node") int node,
      @Param(name = "import") int number,
      @Param(name = "sequence") int sequence) {
    UUID id = imports.get(number);
    try {
      NODES.get(node).appendEvents(sequence == 0 ? created(id) : changed(id, sequence));
      return true;
    } catch (ConcurrencyException | AggregateStreamCreationException e) {
      return false;
    } catch (EventStoreException e) {
      throw new IllegalStateException(e);
    }
  }

  @Operation
  public long last(@Param(name = "node") int node, @Param(name = "import") int number) {
    return NODES.get(node).lastSequenceNumberFor(imports.get(number).toString()).orElse(-1L);
  }

  /** What they are held against. */
  public static class OneAfterTheOther {
    private final long[] last = {-1, -1};

    public boolean append(int node, int number, int sequence) {
      if (sequence != last[number] + 1) return false;
      last[number]++;
      return true;
    }

    public long last(int node, int number) {
      return last[number];
    }
  }

  @Test
  void a_few_threads_on_two_nodes_are_as_one_after_the_other() {
    assertLinearizable(3, 15);
  }

  @Test
  @Tag("soak")
  void many_schedules_of_threads_on_two_nodes_are_as_one_after_the_other() {
    assertLinearizable(60, 300);
  }

  private static void assertLinearizable(int scenarios, int runsOfEach) {
    new StressOptions()
        .iterations(scenarios)
        .invocationsPerIteration(runsOfEach)
        .threads(3)
        .actorsPerThread(3)
        .actorsBefore(2)
        .actorsAfter(2)
        .minimizeFailedScenario(false)
        .sequentialSpecification(OneAfterTheOther.class)
        .check(AppendLinearizabilityIT.class);
  }
}
