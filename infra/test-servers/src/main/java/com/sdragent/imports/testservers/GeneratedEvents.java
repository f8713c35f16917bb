package com.sdragent.imports.testservers;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;

/**
 * Events made by PostgreSQL itself, by the million, as the service would have written them: ids
 * that grow with time, times that grow with positions, and a chain.
 */
public final class GeneratedEvents {
  private static final int AT_ONCE = 50_000;

  private GeneratedEvents() {}

  /**
   * Appends imports to a migrated store.
   *
   * @param imports how many imports
   * @param eventsEach how many events each has: the first creates it, the others change it
   * @return the id of the last one
   */
  public static UUID append(
      TestPostgres.Database database, String organization, int imports, int eventsEach)
      throws SQLException {
    HandMadeEvents.allowIn(database);
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          create function pg_temp.id_of(at timestamptz) returns uuid language sql volatile as $$
            select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7'
                    || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid
          $$
          """);
      // Readers that follow the log see all of them at once.
      connection.setAutoCommit(false);
      int most = Math.max(1, AT_ONCE / eventsEach);
      for (int done = 0; done < imports; done += most) {
        append(statement, organization, Math.min(most, imports - done), eventsEach);
      }
      connection.commit();
      connection.setAutoCommit(true);
      statement.execute("notify domain_event");
      statement.execute("vacuum (analyze) domain_event");
      statement.execute("checkpoint");
      try (ResultSet last =
          statement.executeQuery(
              "select aggregate_id from domain_event order by position desc limit 1")) {
        last.next();
        return last.getObject(1, UUID.class);
      }
    }
  }

  private static void append(Statement statement, String organization, int imports, int eventsEach)
      throws SQLException {
    statement.execute(
        """
        insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type,
                                  revision, organization, occurred_at, payload, metadata)
        select position, import, sequence, pg_temp.id_of(at),
               case when sequence = 0 then 'ImportCreated' else 'ImportDetailsChanged' end, 1,
               '%1$s', at,
               case when sequence = 0 then
                 json_build_object('import_id', import, 'org_id', '%1$s', 'campaign_id', null,
                   'source', 'csv_upload', 'source_label', 'CSV Upload', 'file_name', 'a.csv',
                   'status', 'pending', 'total_rows', position, 'occurred_at', iso)
               else
                 json_build_object('import_id', import, 'org_id', '%1$s', 'source', 'csv_upload',
                   'source_label', null, 'file_name', 'a.csv', 'total_rows', position,
                   'occurred_at', iso)
               end,
               '{"actor":"a test","request_id":"generated"}'
        from (
          select position, import, sequence, at,
                 to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as iso
          from (
            select import, sequence, head + (number - 1) * %3$s + sequence + 1 as position,
                   timestamptz '2024-10-06 12:00:00Z'
                     + (head + (number - 1) * %3$s + sequence) * interval '1 ms' as at
            from (
              select head, number,
                     pg_temp.id_of(timestamptz '2024-10-06 12:00:00Z'
                       + (head + (number - 1) * %3$s) * interval '1 ms') as import
              from (select coalesce(max(position), 0) as head from domain_event) h,
                   generate_series(1, %2$s) number
              offset 0
            ) i, generate_series(0, %3$s - 1) sequence
          ) e
        ) t
        order by position
        """
            .formatted(organization, imports, eventsEach));
  }

  /** Makes the read model of all generated events, as its projection would make it. */
  public static void project(TestPostgres.Database database) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          insert into import_row_0 (id, org_id, campaign_id, source, file_name, status, total_rows,
                                    created_at, updated_at, sequence)
          select first.aggregate_id, first.organization, null, 'csv_upload', 'a.csv', 'pending',
                 (last.payload ->> 'total_rows')::bigint, first.occurred_at, last.occurred_at,
                 last.sequence_number
          from domain_event first
          join lateral (select payload, occurred_at, sequence_number from domain_event l
                        where l.aggregate_id = first.aggregate_id
                        order by sequence_number desc limit 1) last on true
          where first.sequence_number = 0
          """);
      statement.execute(
          "insert into projection_position (name, batch, position, event_id) select 'imports',"
              + " (select max(batch) + 1 from projection_position), position, event_id"
              + " from domain_event order by position desc limit 1");
      statement.execute("vacuum (analyze) import_row_0");
    }
  }
}
