package com.sdragent.imports.command.publication.parked;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowMapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * The events that could not be published, as operators see them, and what operators ask for. The
 * truth is the relay's position record: the publishing node copies it here.
 */
public final class ParkedPublications {
  private final JdbcTemplate jdbc;
  private final JsonMapper json;
  private final Duration answerWithin;

  /**
   * Makes one on this database.
   *
   * @param answerWithin how long somebody waits for the answer to a request
   */
  public ParkedPublications(JdbcTemplate jdbc, JsonMapper json, Duration answerWithin) {
    this.jdbc = jdbc;
    this.json = json;
    this.answerWithin = answerWithin;
  }

  /**
   * An event that is not published: one that is parked, or one that waits behind it.
   *
   * @param error why, or null when it waits behind another of its import
   * @param attempts how often the event was tried
   */
  @JsonPropertyOrder({"position", "import_id", "org_id", "type", "error", "attempts", "parked_at"})
  public record Waiting(
      @JsonProperty("position") long position,
      @JsonProperty("import_id") UUID importId,
      @JsonProperty("org_id") UUID orgId,
      @JsonProperty("type") String type,
      @JsonProperty("error") @Nullable String error,
      @JsonProperty("attempts") int attempts,
      @JsonProperty("parked_at") Instant parkedAt) {}

  /** The waiting events are those of a blocked import from its parked one on. */
  private static final String SELECT =
      """
      select e.position, e.aggregate_id, e.organization, e.event_type,
             case when e.position = p.position then p.error end,
             case when e.position = p.position then p.attempts else 0 end, p.parked_at
      from parked_publication p
      join domain_event e on e.aggregate_id = p.import_id and e.position >= p.position
      where p.discarded_at is null\
      """;

  private static final RowMapper<Waiting> WAITING =
      (row, _) ->
          new Waiting(
              row.getLong(1),
              row.getObject(2, UUID.class),
              row.getObject(3, UUID.class),
              row.getString(4),
              row.getString(5),
              row.getInt(6),
              row.getObject(7, OffsetDateTime.class).toInstant());

  /** The events after a position that are not published, including those that wait. */
  public List<Waiting> waitingAfter(long position, int limit) {
    return jdbc.query(
        SELECT + " and e.position > ? order by e.position limit ?", WAITING, position, limit);
  }

  /** The unpublished event at a position. */
  public Optional<Waiting> at(long position) {
    return jdbc.query(SELECT + " and e.position = ?", WAITING, position).stream().findFirst();
  }

  /** The first unpublished event of an import, behind which the others wait. */
  public Optional<Waiting> firstOf(UUID importId) {
    return jdbc
        .query(SELECT + " and p.import_id = ? order by e.position limit 1", WAITING, importId)
        .stream()
        .findFirst();
  }

  /** How many events of an import are not published. */
  public long countOfImport(UUID importId) {
    return count("select count(*) from (" + SELECT + " and p.import_id = ?) waiting", importId);
  }

  /** How many imports have an event that could not be published. */
  public long count() {
    return count("select count(*) from parked_publication where discarded_at is null");
  }

  private long count(String sql, Object... values) {
    Long count = jdbc.queryForObject(sql, Long.class, values);
    return count == null ? 0 : count;
  }

  /**
   * Makes the table what the position record says, as long as the node that has read or written the
   * record still holds the lease: a node that was frozen would bring back an old state.
   *
   * @return whether it did
   */
  public boolean mirror(
      Collection<ParkedPublication> parked,
      Collection<DiscardedPublication> discarded,
      String lease,
      UUID holder) {
    List<Row> rows =
        Stream.concat(
                parked.stream()
                    .map(
                        one ->
                            new Row(
                                one.position(),
                                one.importId(),
                                one.error(),
                                one.attempts(),
                                one.parkedAt(),
                                null)),
                discarded.stream()
                    .map(
                        one ->
                            new Row(
                                one.position(),
                                one.importId(),
                                null,
                                0,
                                one.discardedAt(),
                                one.discardedAt())))
            .toList();
    Boolean mine =
        jdbc.queryForObject(
            """
            with truth as (
              select * from json_to_recordset(?::json) as t (
                position bigint, import_id uuid, error text, attempts int, parked_at timestamptz,
                discarded_at timestamptz)
            ), mine as (
              select from lease where name = ? and holder = ? for update
            ), gone as (
              delete from parked_publication
              where position not in (select position from truth) and exists (select from mine)
            ), noted as (
              insert into parked_publication (position, import_id, error, attempts, parked_at, discarded_at)
              select position, import_id, error, attempts, parked_at, discarded_at from truth
              where exists (select from mine)
              on conflict (position) do update
                set import_id = excluded.import_id,
                    error = case when excluded.discarded_at is null then excluded.error
                                 else parked_publication.error end,
                    attempts = greatest(excluded.attempts, parked_publication.attempts),
                    parked_at = least(excluded.parked_at, parked_publication.parked_at),
                    discarded_at = excluded.discarded_at
            )
            select exists (select from mine)
            """,
            Boolean.class,
            json.writeValueAsString(rows),
            lease,
            holder);
    return Boolean.TRUE.equals(mine);
  }

  private record Row(
      @JsonProperty("position") long position,
      @JsonProperty("import_id") UUID importId,
      @JsonProperty("error") @Nullable String error,
      @JsonProperty("attempts") int attempts,
      @JsonProperty("parked_at") Instant parkedAt,
      @JsonProperty("discarded_at") @Nullable Instant discardedAt) {}

  /** An operator's request to retry a parked event or to leave it out for good. */
  public record Request(long id, long position, boolean discard) {}

  /**
   * The outcome of a request.
   *
   * @param applied how many events were published
   * @param refused why nothing was done, or null
   */
  public record Answer(long applied, @Nullable String refused) {}

  /** Asks whichever node publishes, and returns the id of the request. */
  public long ask(long position, boolean discard, String by) {
    return Objects.requireNonNull(
        jdbc.queryForObject(
            "insert into publication_request (position, discard, requested_by) values (?, ?, ?)"
                + " returning id",
            Long.class,
            position,
            discard,
            by));
  }

  /** The outcome of a request, or nothing while it is not done. */
  public Optional<Answer> answer(long request) {
    return jdbc
        .query(
            "select applied, refused from publication_request where id = ? and finished_at is not"
                + " null",
            (row, _) -> new Answer(row.getLong(1), row.getString(2)),
            request)
        .stream()
        .findFirst();
  }

  /** Takes a request back, unless a node has begun it. Returns whether it did. */
  public boolean withdraw(long request) {
    return jdbc.update("delete from publication_request where id = ? and taken_at is null", request)
        == 1;
  }

  /**
   * The request to be done next. From now on, it cannot be withdrawn. One that nobody has begun and
   * nobody waits for any more is left alone: its node may have died before it withdrew it.
   */
  public Optional<Request> next() {
    return jdbc
        .query(
            """
            update publication_request set taken_at = clock_timestamp()
            where id = (select id from publication_request
                        where finished_at is null
                          and (taken_at is not null
                               or requested_at between clock_timestamp() - ? * interval '1 millisecond'
                                                   and clock_timestamp() + ? * interval '1 millisecond')
                        order by id limit 1 for update)
            returning id, position, discard
            """,
            (row, _) -> new Request(row.getLong(1), row.getLong(2), row.getBoolean(3)),
            answerWithin.toMillis(),
            answerWithin.toMillis())
        .stream()
        .findFirst();
  }

  /** Notes the outcome of a request. */
  public void finish(Request request, Answer answer) {
    jdbc.update(
        "update publication_request set finished_at = clock_timestamp(), applied = ?, refused = ?"
            + " where id = ?",
        answer.applied(),
        answer.refused(),
        request.id());
  }
}
