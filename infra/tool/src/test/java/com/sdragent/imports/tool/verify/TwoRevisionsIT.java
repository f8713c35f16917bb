package com.sdragent.imports.tool.verify;

import static com.sdragent.imports.events.ImportEventType.IMPORT_STATUS_CHANGED;
import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.events.EventRevisions;
import com.sdragent.imports.tool.WrittenStore;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** A store with events of a revision and of the next, as a roll-out leaves it. */
class TwoRevisionsIT {
  /** As if a change of status had been stored with another name of the new one. */
  private static final EventRevisions NEXT =
      new EventRevisions(
          Map.of(IMPORT_STATUS_CHANGED, List.of(new StatusRenamed())),
          Set.of(IMPORT_STATUS_CHANGED));

  private static final class StatusRenamed implements EventRevisions.Step {
    @Override
    public ObjectNode toNext(ObjectNode event) {
      event.set("to", event.required("status"));
      event.remove("status");
      return event;
    }

    @Override
    public ObjectNode toPrevious(ObjectNode event) {
      event.set("status", event.required("to"));
      event.remove("to");
      return event;
    }
  }

  @Test
  void is_whole_by_the_stored_text_and_compared_by_what_is_read_as_the_newest() throws Exception {
    try (var store = new WrittenStore();
        var before = store.writtenBy(NEXT);
        var after =
            store.writtenBy(NEXT, "imports.events.written-revisions.ImportStatusChanged=2")) {
      before.append(2);
      after.append(3);
      assertThat(
              store.sql.queryForList(
                  """
                  select revision || case when payload ->> 'to' is null then ' old' else ' new' end
                  from domain_event where event_type = 'ImportStatusChanged' order by position
                  """,
                  String.class))
          .containsExactly(
              "1 old", "1 old", "1 old", "1 old", "2 new", "2 new", "2 new", "2 new", "2 new",
              "2 new");
      try (Connection connection = store.database.connect()) {
        var comparison = new Comparison(connection, NEXT, Comparison.RANGE, _ -> {});
        long head = new ChainReader(connection).head();
        var verification = new Verification(connection, comparison, List.of(), null, _ -> {});
        assertThat(verification.run(head)).isEmpty();
        assertThat(verification.chain().position()).isEqualTo(15);
        assertThat(comparison.rowsHeld()).isEqualTo(5);
        assertThat(comparison.notCompared()).isZero();
      }
      // A tool of the version before holds the chain all the same, and compares what it can read.
      assertThat(store.tool("verify", "--chain-only").exitCode()).isZero();
    }
  }
}
