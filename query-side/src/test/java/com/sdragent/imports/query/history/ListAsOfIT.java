package com.sdragent.imports.query.history;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.query.QueryService;
import com.sdragent.imports.query.view.ImportFilter;
import com.sdragent.imports.query.view.JsonArrays.Chunk;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One look for a list of the past, whatever the filter lets pass, is bounded. */
class ListAsOfIT {
  private static final int IMPORTS = 1_000;
  private static final int EVENTS_OF_ONE = 2_500;

  @Test
  void a_look_ends_although_nothing_passed_the_filter_and_the_next_goes_on_from_there() {
    try (var node = new QueryService()) {
      node.store()
          .update(
              """
              insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type, revision,
                                        organization, occurred_at, payload, metadata)
              select n, id, 0, gen_random_uuid(), 'ImportCreated', 1, o, at,
                     json_build_object('import_id', id, 'org_id', o, 'campaign_id', null, 'source',
                       case n when 1 then 'needle' else 'hay' end, 'source_label', 'x', 'file_name', null,
                       'status', 'pending', 'total_rows', n, 'occurred_at', to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')),
                     '{}'
              from (select n, gen_random_uuid() as id, ?::uuid as o,
                           timestamp '2024-01-01' + n * interval '1 second' as at
                    from generate_series(1, ?) n) one
              """,
              QueryService.ORGANIZATION,
              IMPORTS);
      node.store()
          .update(
              """
              insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type, revision,
                                        organization, occurred_at, payload, metadata)
              select ? + n, e.aggregate_id, n, gen_random_uuid(), 'ImportStatusChanged', 1, e.organization,
                     e.occurred_at + n * interval '1 second',
                     json_build_object('import_id', e.aggregate_id, 'org_id', e.organization, 'from', 'pending',
                       'to', 'failed', 'occurred_at', '2024-02-01T00:00:00Z'), '{}'
              from domain_event e, generate_series(1, ?) n where e.position = 1
              """,
              IMPORTS,
              EVENTS_OF_ONE);
      var list =
          new ListAsOf(
              node.bean(EventLog.class),
              new ImportFilter(QueryService.ORGANIZATION, null, null, "needle", null, null, null),
              Instant.parse("2999-01-01T00:00:00Z"),
              null);
      List<Active> shown = new ArrayList<>();
      Chunk<Active> look = list.next(3);
      assertThat(look).isEqualTo(new Chunk<Active>(List.of(), false));
      int looks = 1;
      for (; !look.isLast(); looks++) {
        look = list.next(3);
        shown.addAll(look.elements());
      }
      // Walks of 200 creations, and the events of the last one in their own looks.
      assertThat(looks).isGreaterThan(IMPORTS / 200 + EVENTS_OF_ONE / 1000);
      assertThat(shown).hasSize(1);
      assertThat(shown.getFirst().status().label()).isEqualTo("failed");
    }
  }
}
