package com.sdragent.imports.eventstore.append;

import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The SQL that stores a batch. It is prepared once for each session, and each batch is one message.
 */
final class AppendStatement {
  /**
   * Prepared once for each session: it stores the commands that follow their import's last event.
   * It tells the log's last event before them, and the numbers of the rows that do not follow.
   *
   * <p>An import that is created has no last event, nearly always: it is looked for only if the
   * last parameter says so. Otherwise the statement fails with {@link #EXISTS} if there is one.
   */
  static final String PREPARE =
      """
      prepare append (uuid[], bigint[], bigint[], uuid[], uuid[], text[], int[], uuid[], timestamptz[],
                      bytea[], json, json, boolean) as
      with submitted as materialized (
        select e.*, (coalesce(last.sequence_number, -1) = follows
                     and (follows_event is null or follows_event = last.event_id)) is true as is_next
        from rows from (unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10),
                        json_array_elements($11), json_array_elements($12)) with ordinality
          as e(aggregate_id, sequence_number, follows, follows_event, event_id, event_type, revision,
               organization, occurred_at, digest, payload, metadata, n)
        left join lateral (
          select p.sequence_number, p.event_id from domain_event p
          where p.aggregate_id = e.aggregate_id and (e.follows >= 0 or $13) order by p.sequence_number desc limit 1
        ) last on true
      ),
      head as (
        select position, event_id, hash
        from (select position, event_id, hash from domain_event order by position desc limit 1) last
        union all
        select 0, null, decode(repeat('00', 32), 'hex')
        limit 1
      ),
      following as (
        select submitted.*, head.position + row_number() over (order by n) as position,
               head.hash as head_hash
        from submitted, head
        where is_next
      ),
      stored as (
        insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type,
                                  revision, organization, occurred_at, payload, metadata, hash)
        select position, aggregate_id, sequence_number, event_id, event_type, revision,
               organization, occurred_at, payload, metadata,
               domain_event_chain(head_hash, position, digest) over (order by n)
        from following
      )
      select head.position, head.event_id, array(select n from submitted where not is_next)
      from head
      """;

  /**
   * The settings give one plan for ever: index look-ups, whatever the statistics say of a young
   * table.
   */
  static final String PLAN_SETTINGS =
      "set plan_cache_mode = force_generic_plan; set enable_seqscan = off";

  /** The SQLSTATE of a batch that creates an import which exists, and did not look. */
  static final String EXISTS = "23505";

  /** The index of the message's result that says what was stored. */
  static final int STORED = 4;

  private AppendStatement() {}

  /**
   * One message of PostgreSQL's simple query protocol, and so one transaction. The server begins
   * when it has the whole message and commits at its end, without another word from this node: a
   * node that is cut off or freezes while it sends never holds the lock. Each statement takes its
   * own database snapshot, so the insert sees all that was committed before the lock was granted,
   * and has its own timeout.
   *
   * @param lookAtAll whether imports that are created are looked for as well
   */
  static String message(
      long waitMillis, long workMillis, List<PendingAppend> batch, boolean lookAtAll) {
    return """
    set local lock_timeout = %s; set local statement_timeout = 0;
    select pg_advisory_xact_lock(4919131752989213764);
    set local statement_timeout = %s;
    execute append (%s, %s);
    notify domain_event
    """
        .formatted(waitMillis, workMillis, values(batch), lookAtAll);
  }

  /**
   * The parameters of the prepared statement, as literals: an array for each column. JSON values go
   * as one JSON array, from which PostgreSQL takes the exact text of each element.
   */
  static String values(List<PendingAppend> batch) {
    List<EventRow> rows = batch.stream().flatMap(p -> p.rows().stream()).toList();
    return String.join(
        ", ",
        array(rows.stream().map(EventRow::aggregateId)),
        array(rows.stream().map(EventRow::sequenceNumber)),
        array(ofEachRow(batch, PendingAppend::follows)),
        array(ofEachRow(batch, PendingAppend::followsEvent)),
        array(rows.stream().map(EventRow::eventId)),
        array(rows.stream().map(EventRow::type)),
        array(rows.stream().map(EventRow::revision)),
        array(rows.stream().map(EventRow::organization)),
        array(rows.stream().map(EventRow::occurredAt)),
        array(rows.stream().map(row -> "\"\\\\x" + HexFormat.of().formatHex(row.digest()) + '"')),
        literal('[', rows.stream().map(EventRow::payload), ']'),
        literal('[', rows.stream().map(EventRow::metadata), ']'));
  }

  private static Stream<@Nullable Object> ofEachRow(
      List<PendingAppend> batch, Function<PendingAppend, @Nullable Object> value) {
    return batch.stream().flatMap(p -> p.rows().stream().map(_ -> value.apply(p)));
  }

  /** An array of values that need no quotes in it: numbers, ids, times and names of types. */
  private static String array(Stream<?> values) {
    return literal('{', values.map(String::valueOf), '}');
  }

  /** With the session's standard_conforming_strings, only one character has a special meaning. */
  private static String literal(char begin, Stream<String> values, char end) {
    return values
        .map(value -> value.replace("'", "''"))
        .collect(Collectors.joining(",", "'" + begin, end + "'"));
  }
}
