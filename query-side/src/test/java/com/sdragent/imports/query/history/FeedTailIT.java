package com.sdragent.imports.query.history;

import static com.sdragent.imports.query.QueryService.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.eventstore.Timelines;
import com.sdragent.imports.eventstore.VisibleLog;
import com.sdragent.imports.query.QueryService;
import com.sdragent.imports.query.web.JsonArrays.Chunk;
import com.sdragent.imports.testservers.EventStream;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Streams share what is read of the log's end, and each brings what it would have read itself. */
@Timeout(60)
class FeedTailIT {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final QueryService node =
      new QueryService(
          "--imports.query.feed.heartbeat=200ms",
          "--imports.query.long-answers=60",
          "--imports.query.long-answers-per-organization=60");

  @AfterAll
  static void close() {
    node.close();
  }

  @Test
  void a_stream_brings_each_event_once_whether_it_comes_alone_or_among_thousands()
      throws IOException {
    long start = head();
    try (var stream = stream("/events?after=" + start)) {
      for (int i = 1; i <= 3; i++) {
        node.create(UUID.randomUUID());
        assertThat(next(stream).get("position").longValue()).isEqualTo(start + i);
      }
      node.createAtOnce(2_500, QueryService.ORGANIZATION);
      for (int i = 4; i <= 2_503; i++) {
        assertThat(next(stream).get("position").longValue()).isEqualTo(start + i);
      }
      node.create(UUID.randomUUID());
      assertThat(next(stream).get("position").longValue()).isEqualTo(start + 2_504);
    }
  }

  @Test
  void a_stream_brings_what_is_there_after_the_store_was_restored_to_an_earlier_point()
      throws IOException {
    long start = node.create(UUID.randomUUID());
    var tail = node.bean(FeedTail.class);
    try (var stream = stream("/events?after=" + start)) {
      for (int i = 0; i < 2; i++) node.create(UUID.randomUUID());
      for (int i = 0; i < 2; i++) stream.next();
      // At once: whoever saw the log end before would end the stream, and nobody would look again.
      node.store()
          .execute(
              "delete from domain_event where position > %1$s + 1;".formatted(start)
                  + "update domain_event set event_id = gen_random_uuid() where position = %1$s + 1;"
                      .formatted(start)
                  + "notify domain_event");
      await().until(() -> tail.window().upTo() == start + 1);
    }
    try (var stream = stream("/events?after=" + start)) {
      stream.next();
      UUID last = UUID.randomUUID();
      node.create(last);
      assertThat(next(stream).get("import_id").stringValue()).isEqualTo(last.toString());
    }
  }

  @Test
  void an_array_goes_on_after_the_id_that_was_seen_and_tells_what_was_lost() throws IOException {
    long start = node.create(UUID.randomUUID());
    for (int i = 1; i <= 3; i++) node.create(UUID.randomUUID());
    String seen = id(start + 1);
    assertPages(start + 2, start + 3, "/events?after=0&limit=1", seen, null);
    assertPages(start + 2, start + 3, "/events?last=3&limit=1", seen, null);
    assertThat(node.ask("GET", "/events", "Last-Event-ID", "x").statusCode()).isEqualTo(400);

    seen = id(start + 3);
    try (var stream = stream("/events?after=" + start)) {
      for (int i = 1; i <= 3; i++) stream.next();
      node.store()
          .execute(
              "delete from domain_event where position > %s + 1; notify domain_event"
                  .formatted(start));
      // Whoever follows notes that the store went back.
      await().until(() -> node.bean(FeedTail.class).window().upTo() == start + 1);
    }
    for (int i = 1; i <= 3; i++) node.create(UUID.randomUUID());
    assertPages(start + 2, start + 3, "/events?limit=1", seen, Long.toString(start + 1));
    assertPages(start + 3, start + 4, "/events?limit=1", id(start + 2), null);
    // A position in the address is one of the present log, which ids of a later timeline exceed.
    HttpResponse<String> page =
        node.ask("GET", "/events?after=" + (start + 3), "Last-Event-ID", id(start + 2));
    assertThat(json(page).get(0).get("position").longValue()).isEqualTo(start + 4);
  }

  /** Reads two pages of one event each, and sends the same id with both, as clients do. */
  private static void assertPages(
      long first, long second, String address, String seen, @Nullable String reset) {
    HttpResponse<String> page = node.ask("GET", address, "Last-Event-ID", seen);
    assertThat(json(page).get(0).get("position").longValue()).isEqualTo(first);
    assertThat(page.headers().firstValue("X-Feed-Reset")).isEqualTo(Optional.ofNullable(reset));
    String link = page.headers().firstValue("Link").orElseThrow();
    page = node.ask("GET", "/" + link.substring(1, link.indexOf('>')), "Last-Event-ID", seen);
    assertThat(json(page).get(0).get("position").longValue()).isEqualTo(second);
    assertThat(page.headers().firstValue("X-Feed-Reset")).isEmpty();
  }

  /** The id that a stream gives to the event at this position. */
  private static String id(long position) {
    return Long.toString(new EventIds(node.bean(Timelines.class).all()).id(position));
  }

  @Test
  void a_commit_costs_the_database_no_more_when_many_follow_whom_it_does_not_concern()
      throws IOException {
    int commits = 30;
    int others = 50;
    long alone = looksFor(commits);
    List<EventStream> streams = new ArrayList<>();
    try {
      for (int i = 0; i < others; i++) {
        streams.add(stream("/events?import_id=" + UUID.randomUUID()));
        streams.getLast().awaitHeartbeat();
      }
      assertThat(looksFor(commits)).isLessThan(alone + commits * others / 2);
    } finally {
      for (EventStream stream : streams) stream.close();
    }
  }

  @Test
  void a_client_that_comes_when_all_long_answers_are_taken_is_told_to_come_back()
      throws IOException {
    var tail = node.bean(FeedTail.class);
    // Who has gone is noticed by the next heartbeat.
    await().until(() -> tail.followers() == 0);
    List<EventStream> streams = new ArrayList<>();
    try {
      for (int i = 0; i < 60; i++) {
        streams.add(stream("/events?after=" + head()));
        streams.getLast().awaitHeartbeat();
      }
      var refused = node.ask("GET", "/events", "Accept", "text/event-stream");
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.headers().firstValue("Retry-After")).isPresent();
      assertThat(node.ask("GET", "/imports/").statusCode()).isEqualTo(503);
      assertThat(node.ask("GET", "/imports/?limit=1").statusCode()).isEqualTo(200);
    } finally {
      for (EventStream stream : streams) stream.close();
    }
    await().until(() -> node.ask("GET", "/imports/").statusCode() == 200);
  }

  @Test
  void one_look_reads_a_bounded_part_of_what_an_import_was_before() {
    UUID id = UUID.randomUUID();
    long first = node.create(id);
    node.store()
        .update(
            """
            insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type, revision,
                                      organization, occurred_at, payload, metadata)
            select position + n, aggregate_id, n, gen_random_uuid(), 'ImportDetailsChanged', 1, organization,
                   occurred_at + n * interval '1 second',
                   json_build_object('import_id', aggregate_id, 'org_id', organization, 'source', 'csv',
                     'source_label', null, 'file_name', null, 'total_rows', n,
                     'occurred_at', '2024-10-06T12:00:00Z'), '{}'
            from domain_event, generate_series(1, 2500) n where position = ?
            """,
            first);
    long last = first + 2500;
    var feed =
        new Feed(
            node.bean(VisibleLog.class),
            new VisibleLog.FeedFilter(QueryService.ORGANIZATION, null, null),
            last - 1,
            LongUnaryOperator.identity());
    List<Chunk<HistoryEntry>> looks = new ArrayList<>();
    do looks.add(feed.next(10, last));
    while (!looks.getLast().isLast());
    assertThat(looks).hasSize(3);
    HistoryEntry change = looks.getLast().elements().getFirst();
    assertThat(change.changes()).containsEntry("total_rows", new HistoryEntry.FromTo(2499L, 2500L));
  }

  /** How often a connection was taken from the pool, with one stream that each commit concerns. */
  private static long looksFor(int commits) throws IOException {
    long before = looks();
    try (var stream = stream("/events?after=" + head())) {
      for (int i = 0; i < commits; i++) {
        node.create(UUID.randomUUID());
        stream.next();
      }
    }
    return looks() - before;
  }

  private static long looks() {
    return node.bean(MeterRegistry.class).get("hikaricp.connections.usage").timers().stream()
        .mapToLong(Timer::count)
        .sum();
  }

  private static long head() {
    Long head =
        node.store()
            .queryForObject("select coalesce(max(position), 0) from domain_event", Long.class);
    return head == null ? 0 : head;
  }

  private static EventStream stream(String path) {
    return new EventStream(node.stream(path));
  }

  private static JsonNode next(EventStream stream) throws IOException {
    return JSON.readTree(stream.next().data());
  }
}
