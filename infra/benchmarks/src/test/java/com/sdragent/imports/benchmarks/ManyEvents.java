package com.sdragent.imports.benchmarks;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** A store that has many events soon, as if commands had caused them. */
final class ManyEvents {
  private static final int OF_ONE_IMPORT = 4;

  private ManyEvents() {}

  /**
   * Stores so many after those that are there: of four in a row one creates an import and three
   * change it.
   */
  static void store(Cluster cluster, int events) throws SQLException {
    try (Connection connection = cluster.database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          with head as (select coalesce(max(position), 0) as position from domain_event),
          import as materialized (
            select i, gen_random_uuid() as id, gen_random_uuid() as campaign from generate_series(0, %2$d / %3$d - 1) i)
          insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type,
                                    revision, organization, occurred_at, payload, metadata)
          select head.position + i * %3$d + n + 1, id, n, gen_random_uuid(),
                 case n when 0 then 'ImportCreated' else 'ImportDetailsChanged' end, 1, '%1$s', at,
                 case n when 0 then
                   json_build_object('import_id', id, 'org_id', '%1$s', 'campaign_id', campaign,
                     'source', 'csv_upload', 'source_label', 'CSV Upload', 'file_name', 'leads.csv',
                     'status', 'pending', 'total_rows', 0, 'occurred_at', iso)
                 else
                   json_build_object('import_id', id, 'org_id', '%1$s', 'source', 'csv_upload',
                     'source_label', null, 'file_name', 'leads.csv', 'total_rows', n,
                     'occurred_at', iso)
                 end,
                 '{"actor":"a test","request_id":"generated","traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}'
          from head, import, generate_series(0, %3$d - 1) n,
               lateral (select timestamptz '2024-10-06 12:00:00Z' + (i * %3$d + n) * interval '1 ms' as at) t,
               lateral (select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as iso) s
          order by 1
          """
              .formatted(Cluster.ORGANIZATION, events, OF_ONE_IMPORT));
    }
  }
}
