package com.sdragent.imports.tool.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.events.EventRevisions;
import com.sdragent.imports.testservers.GeneratedEvents;
import com.sdragent.imports.tool.WrittenStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What verify says of a store that the service writes to and projects meanwhile. */
class LiveStoreIT {
  private static final int IMPORTS = 500;
  private static final int LIVES = 3;
  private static final WrittenStore STORE = new WrittenStore();

  private int changes;

  @BeforeAll
  static void manyImports() throws SQLException {
    GeneratedEvents.append(STORE.database, WrittenStore.ORG.toString(), IMPORTS, 3);
    GeneratedEvents.project(STORE.database);
  }

  @AfterAll
  static void close() {
    STORE.close();
  }

  @Test
  void no_row_is_missing_beside_creations_deletions_and_rebuilds() throws Exception {
    try (Connection verifying = STORE.database.connect()) {
      // In ranges of a few imports, so that much happens between the first and the last.
      var comparison = new Comparison(verifying, EventRevisions.published(), 50, _ -> change());
      long head = new ChainReader(verifying).head();
      var verification = new Verification(verifying, comparison, List.of(), null, _ -> change());
      assertThat(verification.run(head)).isEmpty();
      assertThat(changes).isGreaterThan(20);
      assertThat(comparison.imports()).isGreaterThanOrEqualTo(IMPORTS);
      assertThat(comparison.rowsHeld()).isGreaterThanOrEqualTo(IMPORTS);
    }
  }

  /**
   * An import comes among those that were looked at already, and one of these goes; then the table
   * is another.
   */
  private void change() {
    changes++;
    STORE.sql.execute(CREATE.replace("{number}", Integer.toString(changes)));
    if (changes > LIVES) {
      STORE.sql.execute(DELETE.replace("{number}", Integer.toString(changes - LIVES)));
    }
    STORE.sql.execute(REBUILD);
    STORE.sql.execute(EMPTY);
  }

  /** As the service does it: each of these is one transaction. */
  private static final String CREATE =
      """
      do $$
      declare
        new_id uuid := ('00000000-0000-0000-0000-' || lpad('{number}', 12, '0'))::uuid;
      begin
        insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type, revision,
                                  organization, occurred_at, payload, metadata)
        select h.position + 1, new_id, 0, gen_random_uuid(), 'ImportCreated', 1, gen_random_uuid(),
               '2024-10-06T12:00:00Z',
               json_build_object('import_id', new_id, 'org_id', '123e4567-e89b-12d3-a456-426614174000',
                 'campaign_id', null, 'source', 's', 'source_label', 's', 'file_name', null,
                 'status', 'pending', 'total_rows', 0, 'occurred_at', '2024-10-06T12:00:00Z'),
               '{}'
        from (select max(position) as position from domain_event) h;
        insert into import_view
        values (new_id, '123e4567-e89b-12d3-a456-426614174000', null, 's', null, 'pending', 0,
                '2024-10-06T12:00:00Z', '2024-10-06T12:00:00Z');
        {projected};
      end $$
      """
          .replace("{projected}", WrittenStore.PROJECT_ALL.strip());

  private static final String DELETE =
      """
      do $$
      declare
        old_id uuid := ('00000000-0000-0000-0000-' || lpad('{number}', 12, '0'))::uuid;
      begin
        insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type, revision,
                                  organization, occurred_at, payload, metadata)
        select h.position + 1, old_id, 1, gen_random_uuid(), 'ImportDeleted', 1, gen_random_uuid(),
               '2024-10-06T12:00:00Z',
               json_build_object('import_id', old_id, 'org_id', '123e4567-e89b-12d3-a456-426614174000',
                                 'occurred_at', '2024-10-06T12:00:00Z'),
               '{}'
        from (select max(position) as position from domain_event) h;
        delete from import_view where id = old_id;
        {projected};
      end $$
      """
          .replace("{projected}", WrittenStore.PROJECT_ALL.strip());

  private static final String REBUILD =
      """
      do $$
      declare
        live int := (select generation % 2 from projection where name = 'imports');
        columns text := 'id, org_id, campaign_id, source, file_name, status, total_rows, created_at, updated_at, sequence';
      begin
        perform empty_import_row(1 - live);
        execute format('insert into import_row_%s (%s) select %s from import_row_%s', 1 - live, columns, columns, live);
        update projection set generation = generation + 1 where name = 'imports';
      end $$
      """;

  private static final String EMPTY =
      """
      select empty_import_row(((generation + 1) % 2)::int) from projection where name = 'imports'
      """;
}
