package com.sdragent.imports.eventstore.append;

import java.util.HexFormat;
import java.util.List;
import java.util.StringJoiner;
import java.util.UUID;
import java.util.function.BiConsumer;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The SQL that stores a batch. It is prepared once for each session, and each batch is one message.
 */
final class AppendStatement {
  /**
   * Prepared once for each session: it stores the commands that follow their import's last event.
   * It tells the log's last event before them, and the numbers of the rows that do not follow, and
   * notifies all nodes of the position of the last one that it stores.
   *
   * <p>An import that is created has no last event, nearly always: it is looked for only if the
   * last parameter says so. Otherwise the statement fails with {@link #EXISTS} if there is one.
   */
  static final String PREPARE = prepare(false);

  /**
   * Prepared before the first batch of a session in which a command has a key: it also keeps the
   * answers of the commands that it stores, and stores none whose key was used within the last 24
   * hours. It tells the same, and what it found of each key, in a row for each.
   */
  static final String PREPARE_KEYED = prepare(true);

  private static String prepare(boolean keyed) {
    return """
    prepare %s (uuid[], bigint[], bigint[], uuid[], uuid[], text[], int[], uuid[], timestamptz[],
                bytea[], json, json, boolean%s) as
    with %s
    submitted as materialized (
      select e.*, (coalesce(last.sequence_number, -1) = e.follows
                   and (e.follows_event is null or e.follows_event = last.event_id)) is true %s as is_next
      from rows from (unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10%s),
                      json_array_elements($11), json_array_elements($12)) with ordinality
        as e(aggregate_id, sequence_number, follows, follows_event, event_id, event_type, revision,
             organization, occurred_at, digest%s, payload, metadata, n)
      left join lateral (
        select p.sequence_number, p.event_id from domain_event p
        where p.aggregate_id = e.aggregate_id and (e.follows >= 0 or $13) order by p.sequence_number desc limit 1
      ) last on true
      %s
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
    %s
    select head.position, head.event_id, array(select n from submitted where not is_next) %s
           , (select pg_notify('domain_event', (head.position + count(*))::text)
              from head, submitted where is_next group by head.position)
    from head %s
    """
        .formatted(
            keyed ? "append_keyed" : "append",
            keyed ? ", int[], json" : "",
            keyed ? ASKED : "",
            keyed ? "and asked.first_attempt is null" : "",
            keyed ? ", $14" : "",
            keyed ? ", command" : "",
            keyed ? "left join asked on asked.command = e.command" : "",
            keyed ? KEPT : "",
            keyed ? FOUND : "",
            keyed ? "left join found on true" : "");
  }

  /** What is known of the keys of those commands that have one. */
  private static final String ASKED =
      """
      clock as materialized (select clock_timestamp() as now),
      asked as materialized (
        select k.*, clock.now, first.attempt as first_attempt, first.digest as first_digest,
               first.answer as first_answer
        from clock cross join json_to_recordset($15) as k(
          command int, organization uuid, key text, digest bytea, attempt uuid, answer text,
          import uuid, follows bigint, follows_event uuid)
        left join lateral (
          select i.attempt, i.digest, i.answer from idempotency_key i
          where i.organization = k.organization and i.key = k.key
            and i.kept_at > clock.now - interval '24 hours'
          order by i.kept_at desc limit 1
        ) first on true
      ),
      """;

  /** Keeps the answers of those commands that are stored, or that still hold and store no event. */
  private static final String KEPT =
      """
      , found as materialized (
        select asked.*,
               (first_attempt is null and case
                  when answer is null then true
                  when import is null then events.is_next
                  else (select p.sequence_number = asked.follows
                               and (asked.follows_event is null or p.event_id = asked.follows_event)
                        from domain_event p where p.aggregate_id = asked.import
                        order by p.sequence_number desc limit 1)
                end) is true as is_next
        from asked
        left join (select command, bool_and(is_next) as is_next from submitted group by command) events
          on events.command = asked.command
      ),
      kept as (
        insert into idempotency_key (slot, kept_at, organization, key, digest, attempt, answer)
        select idempotency_key_slot(now), now, organization, key, digest, attempt, answer
        from found
        where is_next and answer is not null
      )
      """;

  /** Further columns of the result. */
  private static final String FOUND =
      """
      , found.command, found.is_next, found.first_attempt, encode(found.first_digest, 'hex'),
        found.first_answer
      """;

  /**
   * The settings give one plan for ever: index look-ups, whatever the statistics say of a young
   * table.
   */
  static final String PLAN_SETTINGS =
      "set plan_cache_mode = force_generic_plan; set enable_seqscan = off";

  /** The SQLSTATE of a batch that creates an import which exists, and did not look. */
  static final String EXISTS = "23505";

  /** Held until the commit, so that positions are in the order of commits. */
  private static final long LOCK = 4919131752989213764L;

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
   * @param isKeyed whether a command of the batch has a key
   */
  static String message(
      long waitMillis,
      long workMillis,
      List<PendingAppend> batch,
      boolean lookAtAll,
      boolean isKeyed) {
    var message = new StringBuilder(Math.toIntExact(length(batch)));
    message
        .append("set local lock_timeout = ")
        .append(waitMillis)
        .append("; set local statement_timeout = 0; select pg_advisory_xact_lock(")
        .append(LOCK)
        .append("); set local statement_timeout = ")
        .append(workMillis)
        .append(isKeyed ? "; execute append_keyed (" : "; execute append (");
    addValues(message, batch);
    message.append(lookAtAll);
    if (isKeyed) addKeys(message.append(", "), batch);
    return message.append(')').toString();
  }

  /** About how long the message becomes, so that it is put together in its place. */
  private static long length(List<PendingAppend> batch) {
    long length = 1_000;
    for (PendingAppend pending : batch) {
      for (EventRow row : pending.rows()) {
        length += 400 + row.payload().length() + row.metadata().length();
      }
      KeyedAppend keyed = pending.keyed();
      if (keyed == null) continue;
      String answer = keyed.answer();
      length += 500 + (answer == null ? 0 : answer.length() * 5L / 4);
    }
    return length;
  }

  /**
   * The parameters of the prepared statement, as literals: an array for each column. JSON values go
   * as one JSON array, from which PostgreSQL takes the exact text of each element.
   */
  private static void addValues(StringBuilder message, List<PendingAppend> batch) {
    addArray(message, batch, (_, row) -> message.append(row.aggregateId()));
    addArray(message, batch, (_, row) -> message.append(row.sequenceNumber()));
    addArray(message, batch, (pending, _) -> message.append(pending.follows()));
    addArray(message, batch, (pending, _) -> message.append(pending.followsEvent()));
    addArray(message, batch, (_, row) -> message.append(row.eventId()));
    addArray(message, batch, (_, row) -> message.append(row.type()));
    addArray(message, batch, (_, row) -> message.append(row.revision()));
    addArray(message, batch, (_, row) -> message.append(row.organization()));
    addArray(message, batch, (_, row) -> message.append(row.occurredAt()));
    addArray(message, batch, (_, row) -> addBytes(message, row.digest()));
    add(message, '[', batch, (_, row) -> addQuoted(message, row.payload()), ']');
    add(message, '[', batch, (_, row) -> addQuoted(message, row.metadata()), ']');
  }

  /** The parameters about keys: the number of each row's command, and what is asked of each key. */
  private static void addKeys(StringBuilder message, List<PendingAppend> batch) {
    var commands = new StringJoiner(",", "'{", "}', ");
    var asked = new StringJoiner(",", "[", "]");
    for (int command = 0; command < batch.size(); command++) {
      PendingAppend pending = batch.get(command);
      for (int row = 0; row < pending.rows().size(); row++) commands.add(String.valueOf(command));
      KeyedAppend keyed = pending.keyed();
      if (keyed == null) continue;
      ObjectNode one = JsonNodeFactory.instance.objectNode();
      one.put("command", command);
      one.put("organization", keyed.request().organization().toString());
      one.put("key", keyed.request().key());
      one.put("digest", "\\x" + keyed.request().digest());
      one.put("attempt", keyed.attempt().toString());
      one.put("answer", keyed.answer());
      if (pending.rows().isEmpty()) {
        one.put("import", keyed.importId().toString());
        one.put("follows", keyed.follows());
        UUID event = pending.followsEvent();
        one.put("follows_event", event == null ? null : event.toString());
      }
      asked.add(one.toString());
    }
    message.append(commands).append('\'');
    addQuoted(message, asked.toString());
    message.append('\'');
  }

  /** Adds an array of values that need no quotes in it: numbers, ids, times, names of types. */
  private static void addArray(
      StringBuilder message,
      List<PendingAppend> batch,
      BiConsumer<PendingAppend, EventRow> addValue) {
    add(message, '{', batch, addValue, '}');
  }

  /** Adds a literal of a value for each row, and what separates it from the next. */
  private static void add(
      StringBuilder message,
      char begin,
      List<PendingAppend> batch,
      BiConsumer<PendingAppend, EventRow> addValue,
      char end) {
    message.append('\'').append(begin);
    int empty = message.length();
    for (PendingAppend pending : batch) {
      for (EventRow row : pending.rows()) {
        if (message.length() > empty) message.append(',');
        addValue.accept(pending, row);
      }
    }
    message.append(end).append("', ");
  }

  private static void addBytes(StringBuilder message, byte[] bytes) {
    message.append("\"\\\\x");
    HexFormat.of().formatHex(message, bytes);
    message.append('"');
  }

  /** With the session's standard_conforming_strings, only one character has a special meaning. */
  private static void addQuoted(StringBuilder message, String text) {
    int from = 0;
    for (int quote = text.indexOf('\''); quote >= 0; quote = text.indexOf('\'', from)) {
      message.append(text, from, quote).append("''");
      from = quote + 1;
    }
    message.append(text, from, text.length());
  }
}
