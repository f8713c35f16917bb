package com.sdragent.imports.query.summary;

import static com.sdragent.imports.query.QueryService.ORGANIZATION;
import static com.sdragent.imports.query.QueryService.OTHER_KEY;
import static com.sdragent.imports.query.QueryService.OTHER_ORGANIZATION;
import static com.sdragent.imports.query.QueryService.json;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.access.ActorKind;
import com.sdragent.imports.access.Caller;
import com.sdragent.imports.query.QueryService;
import com.sdragent.imports.query.summary.SummaryReads.Summary;
import com.sdragent.imports.web.ApiError;
import com.sdragent.imports.web.ClientConnection;
import java.math.BigInteger;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The counters of an organization, and the machinery that keeps them. */
@Timeout(60)
class SummaryIT {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String SUMMARY = "/imports/summary";
  private static final String REBUILD = "/admin/projections/summary/rebuild";
  private static final String PARKED = "/admin/projections/summary/parked";
  private static final List<String> STATUSES =
      List.of("pending", "processing", "completed", "failed");

  private static final int BATCH = 50;
  private static final QueryService switchedOff =
      new QueryService("--imports.query.summary.enabled=false");
  private static final Model model = new Model();
  private static @Nullable QueryService switchedOn;

  /** What was stored while nobody counted is counted by whoever does so afterwards. */
  @BeforeAll
  static void switchOn() {
    model.burst(50);
    assertThat(json(switchedOff.ask("GET", "/imports/"))).hasSizeGreaterThan(5);
    HttpResponse<String> answer = switchedOff.ask("GET", SUMMARY);
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(json(answer).get("detail").stringValue()).isEqualTo("The summary is switched off");
    assertThat(switchedOff.ask("GET", REBUILD).statusCode()).isEqualTo(404);
    assertThat(
            switchedOff
                .store()
                .queryForObject(
                    "select max(position) from projection_position where name = 'summary'",
                    Long.class))
        .isZero();
    switchedOn =
        new QueryService(switchedOff.database(), "--imports.query.rebuild.batch-size=" + BATCH);
    model.assertIsTold();
  }

  @AfterAll
  static void close() {
    node().close();
    switchedOff.close();
  }

  private static QueryService node() {
    return requireNonNull(switchedOn);
  }

  @Test
  void counts_what_a_fold_of_all_events_counts_after_each_burst() {
    for (int burst = 0; burst < 8; burst++) {
      model.burst(150);
      model.assertIsTold();
    }
    assertThat(rebuilt().get("differences").intValue()).isZero();
    model.burst(150);
    model.assertIsTold();
  }

  @Test
  void counts_an_import_that_is_gone_before_anybody_looked_on_its_day_only() {
    JsonNode before = summary("");
    var gone = new Model.Import(ORGANIZATION);
    Instant now = Instant.now();
    model.append(gone.created("brief", null, "completed", 3, now), gone.deleted(now));
    JsonNode after = summary("");
    assertThat(after.get("count")).isEqualTo(before.get("count"));
    assertThat(today(after, "created")).isEqualTo(today(before, "created") + 1);
    assertThat(today(after, "completed")).isEqualTo(today(before, "completed") + 1);
    assertThat(today(after, "failed")).isEqualTo(today(before, "failed"));
  }

  @Test
  void tells_of_a_hundred_groups_the_largest_first_and_of_all_others_together() {
    var events = new ArrayList<Model.Event>();
    for (int i = 0; i < 130; i++) {
      var campaign = new UUID(7, i);
      for (int j = 0; j <= i % 3; j++) {
        var one = new Model.Import(OTHER_ORGANIZATION);
        events.add(one.created("group_" + i, campaign, "pending", Long.MAX_VALUE, Instant.now()));
      }
    }
    model.append(events.toArray(Model.Event[]::new));
    JsonNode told = json(node().askAs(OTHER_KEY, "GET", SUMMARY));
    assertThat(told.get("by_source")).hasSize(100);
    assertThat(told.get("by_campaign")).hasSize(100);
    assertThat(told.get("other_sources").get("count").intValue()).isPositive();
    model.assertIsTold();
  }

  @Test
  void those_who_ask_at_the_same_time_share_a_look() throws Exception {
    SummaryController controller = node().bean(SummaryController.class);
    var caller = new Caller(ORGANIZATION, "a test", ActorKind.KEY, null, Set.of());
    Set<Summary> looks =
        Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
    var asking = new ArrayList<Thread>();
    try (Connection other = node().database().connect();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("lock table summary_count_0, summary_count_1");
      for (int i = 0; i < 50; i++) {
        asking.add(
            Thread.startVirtualThread(
                () ->
                    looks.add(
                        controller.summary(
                            caller, new MockHttpServletRequest(), new MockHttpServletResponse()))));
      }
      await().until(() -> asking.stream().allMatch(SummaryIT::isWaiting));
    }
    for (Thread one : asking) one.join();
    assertThat(looks.size()).isBetween(1, 49);
  }

  @Test
  void a_client_that_goes_takes_the_summary_from_nobody_else() throws Exception {
    SummaryController controller = node().bean(SummaryController.class);
    var caller = new Caller(ORGANIZATION, "a test", ActorKind.KEY, null, Set.of());
    var answered = new AtomicInteger();
    var refused = new AtomicInteger();
    var gone = new AtomicInteger();
    var asking = new ArrayList<Thread>();
    try (Connection other = node().database().connect();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("lock table summary_count_0, summary_count_1");
      // Whoever comes then has to wait for a turn, and is asked whether it is still there.
      for (int i = 0; i < 20; i++) {
        var request = new MockHttpServletRequest();
        request.setParameter("source", "source " + i);
        Runnable ask =
            () -> {
              try {
                controller.summary(caller, request, new MockHttpServletResponse());
              } catch (QueryTimeoutException e) {
                // The lock outlasts it.
              }
            };
        asking.add(Thread.startVirtualThread(ask));
      }
      await().until(() -> asking.stream().allMatch(SummaryIT::isWaiting));
      for (int i = 0; i < 100; i++) {
        boolean stays = i % 2 == 0;
        var request = new MockHttpServletRequest();
        ClientConnection connection = () -> stays;
        request.setAttribute(ClientConnection.class.getName(), connection);
        Runnable ask =
            () -> {
              try {
                controller.summary(caller, request, new MockHttpServletResponse());
                answered.incrementAndGet();
              } catch (ApiError e) {
                (stays ? refused : gone).incrementAndGet();
              } catch (QueryTimeoutException e) {
                // The lock outlasts it, for all who share it.
              }
            };
        asking.add(Thread.startVirtualThread(ask));
      }
      await().until(() -> gone.get() > 0);
    }
    for (Thread one : asking) one.join();
    assertThat(refused).hasValue(0);
    assertThat(answered.get()).isPositive();
  }

  private static boolean isWaiting(Thread thread) {
    return thread.getState() == Thread.State.WAITING
        || thread.getState() == Thread.State.TIMED_WAITING;
  }

  @Test
  void refuses_what_the_list_refuses() {
    for (String wrong :
        List.of("status=done", "campaign_id=1", "source=", "status=failed&status=failed")) {
      HttpResponse<String> answer = node().ask("GET", SUMMARY + "?" + wrong);
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body()).isEqualTo(node().ask("GET", "/imports/?" + wrong).body());
    }
    assertThat(node().ask("HEAD", SUMMARY).statusCode()).isEqualTo(200);
    assertThat(node().ask("GET", SUMMARY + "/").statusCode()).isEqualTo(200);
  }

  @Test
  void a_rebuild_names_the_counters_and_imports_that_were_wrong_and_mends_them() {
    var lost = new Model.Import(ORGANIZATION);
    model.append(lost.created("wrong", null, "failed", 5, Instant.now()));
    model.assertIsTold();
    Long generation =
        node()
            .store()
            .queryForObject(
                "select generation % 2 from projection where name = 'summary'", Long.class);
    String ofSource =
        " where cell in (select id from summary_cell_"
            + generation
            + " where source = 'wrong'"
            + " and day is ";
    node()
        .store()
        .update("update summary_count_" + generation + " set imports = 8" + ofSource + "null)");
    node().store().update("delete from summary_count_" + generation + ofSource + "not null)");
    node().store().update("delete from summary_import_" + generation + " where id = ?", lost.id);
    assertThat(summary("?source=wrong").get("count").intValue()).isEqualTo(8);

    JsonNode done = rebuilt();
    assertThat(done.get("differences").intValue()).as(done.toString()).isEqualTo(3);
    assertThat(done.get("different_rows").get(0).get("id").stringValue())
        .isEqualTo(lost.id.toString());
    assertThat(
            done.get("different_rows")
                .valueStream()
                .map(row -> row.get("live").path("imports").toString()))
        .contains("8");
    model.assertIsTold();
  }

  @Test
  void a_rebuild_folds_an_import_of_more_events_than_it_reads_at_a_time_in_parts() {
    var busy = new Model.Import(ORGANIZATION);
    var events = new ArrayList<Model.Event>();
    events.add(busy.created("busy", null, "pending", 1, Instant.now()));
    for (int i = 0; i < 3 * BATCH; i++) {
      events.add(busy.status(i % 2 == 0 ? "completed" : "failed", Instant.now()));
    }
    model.append(events.toArray(Model.Event[]::new));
    model.assertIsTold();
    node()
        .store()
        .execute(
            """
            create table part (id uuid);
            create function note_part() returns trigger language plpgsql as $$ begin
              insert into part values (new.id);
              return new;
            end $$;
            create trigger part after insert or update on summary_import_0 for each row execute function note_part();
            create trigger part after insert or update on summary_import_1 for each row execute function note_part()
            """);
    try {
      assertThat(rebuilt().get("differences").intValue()).isZero();
      assertThat(
              node()
                  .store()
                  .queryForObject("select count(*) from part where id = ?", Integer.class, busy.id))
          .isGreaterThanOrEqualTo(3);
    } finally {
      node().store().execute("drop function note_part cascade; drop table part");
    }
    model.assertIsTold();
  }

  @Test
  void a_query_node_has_no_metrics_of_what_only_command_nodes_do() {
    assertThat(node().ask("GET", "/actuator/prometheus").body())
        .contains("imports_projection_lag_events", "imports_reads_total")
        .doesNotContain("imports_append", "imports_events_appended", "imports_relay", "appender");
  }

  @Test
  void an_event_that_cannot_be_counted_is_parked_and_what_waits_behind_it_counts_later() {
    var poisoned = new Model.Import(ORGANIZATION);
    Instant now = Instant.now();
    model.append(poisoned.created("poisoned", null, "pending", 1, now));
    long parked = node().append(poisoned.id, 1, "ImportStatusChanged", 1, "[]");
    poisoned.sequence++;
    model.append(poisoned.status("completed", now), poisoned.deleted(now));
    HttpResponse<String> answer = node().ask("GET", SUMMARY + "?source=poisoned");
    assertThat(answer.headers().firstValue("X-Projection-Lag")).contains("3");
    assertThat(json(answer).get("by_status").get("pending").get("count").intValue()).isOne();
    assertThat(json(node().ask("GET", PARKED))).hasSize(3);
    assertThat(node().ask("GET", "/actuator/prometheus").body())
        .contains("imports_projection_parked_events{projection=\"summary\"} 3.0");

    assertThat(node().ask("DELETE", PARKED + "/" + parked).body())
        .isEqualTo("{\"applied\":2,\"parked\":0}");
    model.assertIsTold();
    assertThat(today(summary("?source=poisoned"), "completed")).isOne();
    assertThat(rebuilt().get("differences").intValue()).isZero();
    discardAllOf("imports");
  }

  @Test
  void days_that_nobody_is_shown_any_more_are_forgotten() {
    LocalDate old = LocalDate.now(ZoneOffset.UTC).minusDays(200);
    node()
        .store()
        .execute(
            """
            do $$ declare slot bigint := (select generation % 2 from projection where name = 'summary'); begin
              execute format('insert into summary_cell_%s select gen_random_uuid(), %L, ''failed'', ''old'', null, %L',
                             slot, '{organization}', '{old}');
              execute format('insert into summary_count_%1$s select id, 7, 0, 0, 0, 0, 1, organization from summary_cell_%1$s
                              where source = ''old''', slot);
            end $$
            """
                .replace("{organization}", ORGANIZATION.toString())
                .replace("{old}", old.toString()));
    var fresh = new Model.Import(ORGANIZATION);
    var late = new Model.Import(ORGANIZATION);
    Instant longAgo = old.atStartOfDay(ZoneOffset.UTC).toInstant();
    model.append(
        fresh.created("fresh", null, "failed", 1, Instant.now()),
        late.created("old", null, "failed", 1, longAgo));
    model.assertIsTold();
    for (int slot = 0; slot < 2; slot++) {
      assertThat(
              node()
                  .store()
                  .queryForObject(
                      "select (select count(*) from summary_cell_%1$s where day < now() - interval '100 days') + (select count(*) from summary_count_%1$s where version = 7 and failed = 1 and imports = 0 and cell not in (select id from summary_cell_%1$s))"
                          .formatted(String.valueOf(slot)),
                      Long.class))
          .isZero();
    }
  }

  private static JsonNode summary(String filters) {
    HttpResponse<String> answer = node().ask("GET", SUMMARY + filters);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return json(answer);
  }

  private static int today(JsonNode summary, String what) {
    JsonNode days = summary.get("days");
    return days.get(days.size() - 1).get(what).intValue();
  }

  private static JsonNode rebuilt() {
    assertThat(node().ask("POST", REBUILD).statusCode()).isEqualTo(202);
    JsonNode done =
        await()
            .atMost(Duration.ofSeconds(30))
            .until(
                () -> json(node().ask("GET", REBUILD)),
                status -> !status.get("state").stringValue().equals("running"));
    assertThat(done.get("state").stringValue()).as(done.toString()).isEqualTo("completed");
    return done;
  }

  private static void discardAllOf(String projection) {
    String parked = PARKED.replace("summary", projection);
    for (JsonNode left = json(node().ask("GET", parked));
        !left.isEmpty();
        left = json(node().ask("GET", parked))) {
      node().ask("DELETE", parked + "/" + left.get(0).get("position"));
    }
  }

  /** All events that were stored, and what they come to when somebody simply counts. */
  private static final class Model {
    /** Sorted behind all campaigns. */
    private static final String NO_CAMPAIGN = "none";

    private final Random random = new Random(13);
    private final List<Import> imports = new ArrayList<>();
    private final List<Happened> happened = new ArrayList<>();

    record Event(Import of, String type, String payload) {}

    /** What happened, under what the import was right after it. */
    record Happened(
        UUID organization,
        String status,
        String source,
        @Nullable UUID campaign,
        String what,
        LocalDate day) {}

    static final class Import {
      final UUID id = UUID.randomUUID();
      final UUID organization;
      int sequence;
      boolean exists;
      String status = "";
      String source = "";
      @Nullable UUID campaign;
      long rows;

      Import(UUID organization) {
        this.organization = organization;
        model.imports.add(this);
      }

      Event created(String source, @Nullable UUID campaign, String status, long rows, Instant at) {
        exists = true;
        this.source = source;
        this.campaign = campaign;
        this.rows = rows;
        this.status = status;
        happened("created", at);
        if (status.equals("completed") || status.equals("failed")) happened(status, at);
        var fields = fields();
        fields.put("campaign_id", campaign);
        fields.put("source", source);
        fields.put("source_label", source);
        fields.put("file_name", null);
        fields.put("status", status);
        fields.put("total_rows", rows);
        return event("ImportCreated", fields, at);
      }

      Event status(String to, Instant at) {
        var fields = fields();
        fields.put("from", status);
        fields.put("to", to);
        status = to;
        if (to.equals("completed") || to.equals("failed")) happened(to, at);
        return event("ImportStatusChanged", fields, at);
      }

      Event details(String source, long rows, Instant at) {
        this.source = source;
        this.rows = rows;
        var fields = fields();
        fields.put("source", source);
        fields.put("source_label", null);
        fields.put("file_name", "a.csv");
        fields.put("total_rows", rows);
        return event("ImportDetailsChanged", fields, at);
      }

      Event linked(UUID campaign, Instant at) {
        this.campaign = campaign;
        var fields = fields();
        fields.put("campaign_id", campaign);
        return event("ImportCampaignLinked", fields, at);
      }

      Event unlinked(Instant at) {
        var fields = fields();
        fields.put("campaign_id", campaign);
        campaign = null;
        return event("ImportCampaignUnlinked", fields, at);
      }

      Event deleted(Instant at) {
        exists = false;
        return event("ImportDeleted", fields(), at);
      }

      private Map<String, @Nullable Object> fields() {
        var fields = new LinkedHashMap<String, @Nullable Object>();
        fields.put("import_id", id);
        fields.put("org_id", organization);
        return fields;
      }

      private Event event(String type, Map<String, @Nullable Object> fields, Instant at) {
        fields.put("occurred_at", at.truncatedTo(ChronoUnit.MICROS).toString());
        return new Event(this, type, JSON.writeValueAsString(fields));
      }

      private void happened(String what, Instant at) {
        LocalDate day = at.atZone(ZoneOffset.UTC).toLocalDate();
        model.happened.add(new Happened(organization, status, source, campaign, what, day));
      }
    }

    /** Random events of random imports, at random times of the last months. */
    void burst(int events) {
      var burst = new ArrayList<Event>();
      while (burst.size() < events) {
        Instant at = Instant.now().minusSeconds(random.nextInt(120 * 24 * 3600));
        List<Import> there = imports.stream().filter(one -> one.exists).toList();
        if (there.isEmpty() || random.nextInt(3) == 0) {
          var one = new Import(random.nextBoolean() ? ORGANIZATION : OTHER_ORGANIZATION);
          burst.add(
              one.created(
                  source(),
                  random.nextBoolean() ? campaign() : null,
                  status(),
                  random.nextInt(1000),
                  at));
        } else {
          Import one = there.get(random.nextInt(there.size()));
          burst.add(
              switch (random.nextInt(8)) {
                case 0 -> one.deleted(at);
                case 1 -> one.details(source(), random.nextLong(1L << 53), at);
                case 2 -> one.linked(campaign(), at);
                case 3 -> one.unlinked(at);
                default -> one.status(status(), at);
              });
        }
      }
      append(burst.toArray(Event[]::new));
    }

    private String source() {
      return List.of("csv", "hubspot", "other", "ünïcode\" _").get(random.nextInt(4));
    }

    private UUID campaign() {
      return new UUID(random.nextInt(2), random.nextInt(3));
    }

    private String status() {
      return STATUSES.get(random.nextInt(4));
    }

    /** Stores events, all at once. */
    void append(Event... events) {
      var rows = new ArrayList<Object[]>();
      Long head =
          switchedOff
              .store()
              .queryForObject("select coalesce(max(position), 0) from domain_event", Long.class);
      long position = requireNonNull(head);
      for (Event event : events) {
        rows.add(
            new Object[] {
              ++position,
              event.of().id,
              event.of().sequence++,
              event.type(),
              event.of().organization,
              event.payload()
            });
      }
      switchedOff
          .store()
          .batchUpdate(
              """
              insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type, revision,
                                        organization, occurred_at, payload, metadata)
              values (?, ?, ?, gen_random_uuid(), ?, 1, ?, timestamptz '2024-10-06 12:00:00Z', ?::json, '{}')
              """,
              rows);
      switchedOff.store().execute("notify domain_event");
    }

    /** Both organizations are told, with any filter, what there is. */
    void assertIsTold() {
      for (UUID organization : List.of(ORGANIZATION, OTHER_ORGANIZATION)) {
        assertIsTold(organization, "", null, null, null);
        assertIsTold(organization, "?status=completed", "completed", null, null);
        assertIsTold(organization, "?source=hubspot", null, "hubspot", null);
        UUID campaign = new UUID(1, 2);
        assertIsTold(organization, "?campaign_id=" + campaign, null, null, campaign);
        assertIsTold(
            organization,
            "?campaign_id=" + campaign + "&status=failed&source=csv",
            "failed",
            "csv",
            campaign);
      }
    }

    private void assertIsTold(
        UUID organization,
        String filters,
        @Nullable String status,
        @Nullable String source,
        @Nullable UUID campaign) {
      HttpResponse<String> answer =
          organization.equals(ORGANIZATION)
              ? node().ask("GET", SUMMARY + filters)
              : node().askAs(OTHER_KEY, "GET", SUMMARY + filters);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      assertThat(answer.headers().firstValue("X-Projection-Lag")).isEmpty();
      JsonNode told = json(answer);
      List<Import> now =
          imports.stream()
              .filter(one -> one.exists && one.organization.equals(organization))
              .filter(one -> status == null || one.status.equals(status))
              .filter(one -> source == null || one.source.equals(source))
              .filter(one -> campaign == null || campaign.equals(one.campaign))
              .toList();
      Map<String, @Nullable Object> expected = figures(now);
      var byStatus = new LinkedHashMap<String, Object>();
      for (String each : STATUSES) {
        byStatus.put(each, figures(now.stream().filter(one -> one.status.equals(each)).toList()));
      }
      expected.put("by_status", byStatus);
      groups(expected, "by_source", "source", "other_sources", now, one -> one.source);
      groups(
          expected,
          "by_campaign",
          "campaign_id",
          "other_campaigns",
          now,
          one -> one.campaign == null ? NO_CAMPAIGN : one.campaign.toString());
      LocalDate today = LocalDate.parse(told.get("days").get(89).get("day").stringValue());
      assertThat(today)
          .isBetween(LocalDate.now(ZoneOffset.UTC).minusDays(1), LocalDate.now(ZoneOffset.UTC));
      expected.put(
          "days",
          today
              .minusDays(89)
              .datesUntil(today.plusDays(1))
              .map(
                  day -> {
                    Predicate<Happened> counts =
                        it ->
                            it.organization().equals(organization)
                                && it.day().equals(day)
                                && (status == null || it.status().equals(status))
                                && (source == null || it.source().equals(source))
                                && (campaign == null || campaign.equals(it.campaign()));
                    var one = new LinkedHashMap<String, Object>();
                    one.put("day", day.toString());
                    for (String what : List.of("created", "completed", "failed")) {
                      one.put(
                          what,
                          happened.stream()
                              .filter(counts)
                              .filter(it -> it.what().equals(what))
                              .count());
                    }
                    return one;
                  })
              .toList());
      assertThat(told).as(filters).isEqualTo(JSON.readTree(JSON.writeValueAsString(expected)));
    }

    private static void groups(
        Map<String, @Nullable Object> expected,
        String name,
        String key,
        String others,
        List<Import> now,
        Function<Import, String> group) {
      List<String> names =
          now.stream()
              .map(group)
              .distinct()
              .sorted(
                  Comparator.<String>comparingLong(one -> -of(now, group, List.of(one)).size())
                      .thenComparing(Comparator.naturalOrder()))
              .toList();
      var groups = new ArrayList<Map<String, @Nullable Object>>();
      for (String one : names.subList(0, Math.min(100, names.size()))) {
        var fields = new LinkedHashMap<String, @Nullable Object>();
        fields.put(key, one.equals(NO_CAMPAIGN) ? null : one);
        fields.putAll(figures(of(now, group, List.of(one))));
        groups.add(fields);
      }
      expected.put(name, groups);
      if (names.size() <= 100) return;
      expected.put(others, figures(of(now, group, names.subList(100, names.size()))));
    }

    private static List<Import> of(
        List<Import> now, Function<Import, String> group, List<String> names) {
      return now.stream().filter(one -> names.contains(group.apply(one))).toList();
    }

    private static Map<String, @Nullable Object> figures(List<Import> some) {
      var figures = new LinkedHashMap<String, @Nullable Object>();
      figures.put("count", some.size());
      figures.put(
          "total_rows",
          some.stream()
              .map(one -> BigInteger.valueOf(one.rows))
              .reduce(BigInteger.ZERO, BigInteger::add));
      return figures;
    }
  }
}
