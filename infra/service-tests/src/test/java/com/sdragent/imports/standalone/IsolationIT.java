package com.sdragent.imports.standalone;

import static com.sdragent.imports.standalone.RunningService.ADMIN_KEY;
import static com.sdragent.imports.standalone.RunningService.AUDITOR_KEY;
import static com.sdragent.imports.standalone.RunningService.JSON;
import static com.sdragent.imports.standalone.RunningService.KEY;
import static com.sdragent.imports.standalone.RunningService.OTHER_ADMIN_KEY;
import static com.sdragent.imports.standalone.RunningService.OTHER_AUDITOR_KEY;
import static com.sdragent.imports.standalone.RunningService.OTHER_KEY;
import static com.sdragent.imports.standalone.RunningService.json;
import static com.sdragent.imports.standalone.RunningService.request;
import static com.sdragent.imports.standalone.RunningService.send;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;

/**
 * What one organization sees of another that it knows all about: not one byte, neither when both
 * the service and PostgreSQL keep them apart, nor when PostgreSQL is alone in it.
 */
class IsolationIT {
  private static final int AT_ONCE = 16;

  /** Everything that names the other organization's, and that nobody else has. */
  private static final Set<String> MARKS = ConcurrentHashMap.newKeySet();

  private static final List<String> IMPORTS = new ArrayList<>();
  private static final List<String> POSITIONS = new ArrayList<>();
  private static final String SOURCE = "source_" + UUID.randomUUID().toString().replace("-", "");
  private static final String CAMPAIGN = UUID.randomUUID().toString();

  /** Of the other organization, which has made and changed an import under them. */
  private static final String REPEATED = "change-" + UUID.randomUUID();

  private static final String REPEATED_NEW = "new-" + UUID.randomUUID();
  private static final String CHANGE = "{\"status\":\"completed\"}";
  private static final String NEW = "{\"source\":\"repeated\",\"total_rows\":1}";
  private static final int CHANGED_UNDER_KEY = 3;

  /** The one that the other organization itself looks for, changes and removes. */
  private static final int TRIED_BY_OWNER = 2;

  private static String cursor = "";
  private static String nextEvents = "";
  private static String key = "";
  private static String tag = "";

  /** The other organization has imports of every kind, events, keys and entries in its trail. */
  @BeforeAll
  static void fill() {
    MARKS.addAll(List.of(SOURCE, CAMPAIGN));
    for (int i = 0; i < 12; i++) {
      String id = create(i);
      IMPORTS.add(id);
      String mark = mark();
      HttpResponse<String> changed =
          asOther(OTHER_KEY, "PUT", "/imports/" + id, "{\"status\":\"processing\"}", mark);
      tag = changed.headers().firstValue("ETag").orElse("");
      if (i % 4 == 0) asOther(OTHER_KEY, "DELETE", "/imports/" + id, "", mark);
    }
    asOther(
        OTHER_KEY,
        "PUT",
        "/imports/" + IMPORTS.get(CHANGED_UNDER_KEY),
        CHANGE,
        mark(),
        "Idempotency-Key",
        REPEATED);
    MARKS.add(
        json(asOther(OTHER_KEY, "POST", "/imports/", NEW, mark(), "Idempotency-Key", REPEATED_NEW))
            .get("id")
            .stringValue());
    HttpResponse<String> page = asOther(OTHER_KEY, "GET", "/imports/?limit=2", "", "");
    cursor = parameter(page, "cursor");
    HttpResponse<String> events = asOther(OTHER_AUDITOR_KEY, "GET", "/events?after=0", "", "");
    for (JsonNode event : json(events)) {
      if (!IMPORTS.contains(event.get("import_id").stringValue())) continue;
      POSITIONS.add(event.get("position").toString());
      MARKS.add("\"position\":" + event.get("position") + ",");
    }
    String history = "/imports/" + IMPORTS.get(TRIED_BY_OWNER) + "/events?limit=1";
    nextEvents = parameter(asOther(OTHER_AUDITOR_KEY, "GET", history, "", ""), "cursor");
    String name = "key-" + UUID.randomUUID();
    MARKS.add(name);
    HttpResponse<String> made =
        asOther(
            OTHER_ADMIN_KEY,
            "POST",
            "/api-keys",
            "{\"name\":\"" + name + "\",\"scopes\":[\"imports:read\"]}",
            mark());
    key = json(made).get("id").stringValue();
    MARKS.add(key);
  }

  private static String mark() {
    String mark = UUID.randomUUID().toString();
    MARKS.add(mark);
    return mark;
  }

  /** A new import of the other organization. */
  private static String create(int number) {
    String mark = mark();
    String body =
        JSON.writeValueAsString(
            Map.of(
                "source",
                SOURCE,
                "file_name",
                "file-" + mark,
                "campaign_id",
                CAMPAIGN,
                "total_rows",
                7_000_000 + number));
    String id =
        json(asOther(OTHER_KEY, "POST", "/imports/", body, "request-" + mark))
            .get("id")
            .stringValue();
    MARKS.add(id);
    return id;
  }

  private static HttpResponse<String> asOther(
      String apiKey, String method, String path, String body, String requestId, String... headers) {
    HttpRequest.Builder asked =
        request(method, path)
            .header("X-API-Key", apiKey)
            .header("Content-Type", "application/json")
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (!requestId.isEmpty()) asked.header("X-Request-Id", requestId);
    if (headers.length > 0) asked.headers(headers);
    HttpResponse<String> answer = send(asked);
    assertThat(answer.statusCode()).as("%s %s %s", method, path, answer.body()).isLessThan(300);
    return answer;
  }

  private static String parameter(HttpResponse<String> page, String name) {
    Matcher link =
        Pattern.compile("[?&]" + name + "=([^&>]+)")
            .matcher(page.headers().firstValue("Link").orElse(""));
    assertThat(link.find()).as("a link to the next page").isTrue();
    return link.group(1);
  }

  /**
   * A request of an organization that wants what is not its own.
   *
   * @param kind what it tries, as it is counted
   * @param status what it is answered when there is nothing for it
   */
  private record Attempt(
      String kind,
      String apiKey,
      String method,
      String path,
      String body,
      List<String> headers,
      int status) {

    Attempt(
        String kind, String apiKey, String method, String path, String body, List<String> headers) {
      this(kind, apiKey, method, path, body, headers, method.equals("HEAD") ? 200 : 404);
    }

    static Attempt get(String kind, String apiKey, String path, String... headers) {
      return new Attempt(kind, apiKey, "GET", path, "", List.of(headers), status(path));
    }

    /** One import is not there; what has many is empty. */
    private static int status(String path) {
      return path.matches("/imports/[0-9a-f-]{36}.*") ? 404 : 200;
    }

    Attempt answered(int other) {
      return new Attempt(kind, apiKey, method, path, body, headers, other);
    }

    /** The same of the organization that it is about. */
    Attempt ofOther() {
      String other =
          switch (apiKey) {
            case KEY -> OTHER_KEY;
            case AUDITOR_KEY -> OTHER_AUDITOR_KEY;
            default -> OTHER_ADMIN_KEY;
          };
      return new Attempt(kind, other, method, path, body, headers, status);
    }

    /** Everything that it names itself. */
    String sent() {
      return path + body + String.join(" ", headers);
    }
  }

  /** One attempt of each kind, against whatever is drawn. */
  private static List<Attempt> attempts(Random random) {
    return attempts(
        drawn(random, IMPORTS),
        drawn(random, POSITIONS),
        random.nextBoolean() ? "?limit=1000&" : "?");
  }

  private static String drawn(Random random, List<String> from) {
    return from.get(random.nextInt(from.size()));
  }

  private static List<Attempt> attempts(String id, String position, String all) {
    String one = "/imports/" + id;
    String past = "as_of=2999-01-01T00:00:00Z";
    return List.of(
        Attempt.get("import", KEY, one),
        Attempt.get("import, version known", KEY, one, "If-None-Match", tag),
        Attempt.get("import, any version", KEY, one, "If-Match", "*"),
        Attempt.get("import, long poll", KEY, one + "?wait=1&until=completed"),
        Attempt.get("import as of", AUDITOR_KEY, one + "?" + past),
        new Attempt("change", KEY, "PUT", one, "{\"total_rows\":1}", List.of("If-Match", tag)),
        new Attempt("change in part", KEY, "PATCH", one, "{\"total_rows\":1}", List.of()),
        new Attempt(
            "change under their key",
            KEY,
            "PUT",
            "/imports/" + IMPORTS.get(CHANGED_UNDER_KEY),
            CHANGE,
            List.of("Idempotency-Key", REPEATED)),
        new Attempt(
                "creation under their key",
                KEY,
                "POST",
                "/imports/",
                NEW,
                List.of("Idempotency-Key", REPEATED_NEW))
            .answered(201),
        new Attempt("removal", KEY, "DELETE", one, "", List.of("If-Match", "*")),
        Attempt.get("list", KEY, "/imports/" + all),
        Attempt.get("list by status", KEY, "/imports/" + all + "status=processing"),
        Attempt.get("list by source", KEY, "/imports/" + all + "source=" + SOURCE),
        Attempt.get("list by campaign", KEY, "/imports/" + all + "campaign_id=" + CAMPAIGN),
        Attempt.get("list by time", KEY, "/imports/" + all + "updated_after=2020-01-01T00:00:00Z"),
        Attempt.get("list after a cursor", KEY, "/imports/?limit=5&cursor=" + cursor),
        Attempt.get("list as of", AUDITOR_KEY, "/imports/" + all + past),
        Attempt.get(
            "list as of, filtered", AUDITOR_KEY, "/imports/" + all + past + "&source=" + SOURCE),
        new Attempt("count", KEY, "HEAD", "/imports/?source=" + SOURCE, "", List.of()),
        Attempt.get("summary", KEY, "/imports/summary"),
        Attempt.get("summary of a source", KEY, "/imports/summary?source=" + SOURCE),
        Attempt.get("summary of a campaign", KEY, "/imports/summary?campaign_id=" + CAMPAIGN),
        Attempt.get("events of an import", AUDITOR_KEY, one + "/events"),
        Attempt.get(
            "events after a cursor", AUDITOR_KEY, one + "/events?limit=5&cursor=" + nextEvents),
        Attempt.get(
            "changes between two times",
            AUDITOR_KEY,
            "/imports/changes" + all + "from=2020-01-01T00:00:00Z&to=2999-01-01T00:00:00Z"),
        Attempt.get(
            "changes between two positions",
            AUDITOR_KEY,
            "/imports/changes" + all + "from=" + before(position) + "&to=999999999"),
        Attempt.get("feed", AUDITOR_KEY, "/events?limit=1000&after=" + before(position)),
        Attempt.get("feed of an import", AUDITOR_KEY, "/events?after=0&import_id=" + id),
        Attempt.get(
            "feed of a type",
            AUDITOR_KEY,
            "/events?type=ImportDeleted&limit=1000&after=" + before(position)),
        Attempt.get("audit", ADMIN_KEY, "/audit?limit=100"),
        Attempt.get("audit of a target", ADMIN_KEY, "/audit?action=key.create&target=" + key),
        Attempt.get("keys", ADMIN_KEY, "/api-keys"),
        new Attempt(
            "key, rotated", ADMIN_KEY, "POST", "/api-keys/" + key + "/rotate", "", List.of()),
        new Attempt("key, revoked", ADMIN_KEY, "DELETE", "/api-keys/" + key, "", List.of()));
  }

  private static long before(String position) {
    return Long.parseLong(position) - 1;
  }

  @Test
  void nothing_of_another_organization_is_in_any_answer() throws Exception {
    assertNothingSeen(IsolationIT::attempts, 400, 1);
  }

  /** So that each attempt is known to find what is there. */
  @Test
  void the_other_organization_itself_finds_its_own_by_each_attempt() {
    List<Attempt> own =
        attempts(IMPORTS.get(TRIED_BY_OWNER), POSITIONS.getFirst(), "?limit=1000&").stream()
            .map(Attempt::ofOther)
            // What removes comes last.
            .sorted(Comparator.comparing(one -> !one.method().matches("GET|HEAD")))
            .toList();
    Map<String, String> seen = seen(own);
    assertThat(seen.keySet())
        .containsExactlyInAnyOrderElementsOf(own.stream().map(Attempt::kind).toList());
    assertThat(seen.values()).noneMatch(answer -> answer.matches("(?s)[45]\\d\\d .*"));
  }

  @Test
  @Tag("soak")
  void nothing_of_another_organization_is_in_any_of_a_hundred_thousand() throws Exception {
    assertNothingSeen(IsolationIT::attempts, 100_000, 200);
  }

  @Test
  @Tag("soak")
  void postgresql_alone_shows_nothing_in_any_of_a_hundred_thousand() throws Exception {
    WithoutPredicates.during(() -> assertNothingSeen(IsolationIT::alone, 100_000, 200));
  }

  @Test
  void postgresql_alone_keeps_organizations_apart() throws Exception {
    JdbcTemplate owner = RunningService.owner();
    WithoutPredicates.during(
        () -> {
          assertThat(seen(alone())).isEmpty();
          // What would be seen without it, so that the test is known to see.
          for (String table : PROTECTED) {
            owner.execute("alter table " + table + " disable row level security");
          }
          try {
            assertThat(seen(alone()).keySet())
                .containsExactlyInAnyOrderElementsOf(
                    alone().stream().map(Attempt::kind).distinct().toList());
          } finally {
            for (String table : PROTECTED) {
              owner.execute("alter table " + table + " enable row level security");
            }
          }
          assertThat(seen(alone())).isEmpty();
        });
  }

  private static final List<String> PROTECTED =
      List.of(
          "domain_event",
          "parked_event",
          "visible_import_0",
          "visible_import_1",
          "summary_cell_0",
          "summary_cell_1",
          "summary_count_0",
          "summary_count_1");

  /** What PostgreSQL alone is asked for: lists and more, but not what is kept in memory. */
  private static List<Attempt> alone() {
    String first = POSITIONS.getFirst();
    return Stream.concat(alone(IMPORTS.get(1), first).stream(), Stream.of(stream(first))).toList();
  }

  private static List<Attempt> alone(Random random) {
    return alone(drawn(random, IMPORTS), drawn(random, POSITIONS));
  }

  private static List<Attempt> alone(String id, String position) {
    var all = new ArrayList<Attempt>();
    String past = "as_of=2999-01-01T00:00:00Z";
    long first = before(position);
    all.add(Attempt.get("import", KEY, "/imports/" + id));
    all.add(Attempt.get("import as of", AUDITOR_KEY, "/imports/" + id + "?" + past));
    all.add(Attempt.get("list", KEY, "/imports/?limit=1000"));
    all.add(Attempt.get("whole list", KEY, "/imports/"));
    all.add(Attempt.get("list by source", KEY, "/imports/?source=" + SOURCE));
    all.add(Attempt.get("list by campaign", KEY, "/imports/?campaign_id=" + CAMPAIGN));
    all.add(Attempt.get("list by time", KEY, "/imports/?updated_after=2020-01-01T00:00:00Z"));
    all.add(Attempt.get("list as of", AUDITOR_KEY, "/imports/?" + past));
    all.add(new Attempt("count", KEY, "HEAD", "/imports/?source=" + SOURCE, "", List.of()));
    all.add(Attempt.get("summary", KEY, "/imports/summary"));
    all.add(Attempt.get("summary of a campaign", KEY, "/imports/summary?campaign_id=" + CAMPAIGN));
    all.add(Attempt.get("events of an import", AUDITOR_KEY, "/imports/" + id + "/events"));
    all.add(
        Attempt.get(
            "changes",
            AUDITOR_KEY,
            "/imports/changes?from=2020-01-01T00:00:00Z&to=2999-01-01T00:00:00Z"));
    all.add(Attempt.get("feed", AUDITOR_KEY, "/events?limit=1000&after=" + first));
    all.add(Attempt.get("whole feed", AUDITOR_KEY, "/events?after=" + first));
    all.add(Attempt.get("feed of an import", AUDITOR_KEY, "/events?after=0&import_id=" + id));
    return all;
  }

  private static Attempt stream(String position) {
    return Attempt.get(
        "stream", AUDITOR_KEY, "/events?after=" + before(position), "Accept", "text/event-stream");
  }

  private static Map<String, String> seen(List<Attempt> attempts) {
    var seen = new TreeMap<String, String>();
    for (Attempt one : attempts) {
      String found = one.kind().equals("stream") ? foundInStream(one, () -> {}) : found(one);
      if (!found.isEmpty()) seen.put(one.kind(), found);
    }
    return seen;
  }

  private static void assertNothingSeen(
      Function<Random, List<Attempt>> attempts, int requests, int streams) throws Exception {
    var seen = new ConcurrentHashMap<String, String>();
    var tried = new ConcurrentHashMap<String, AtomicInteger>();
    var done = new AtomicInteger();
    try (var clients = Executors.newFixedThreadPool(AT_ONCE + 1)) {
      var work = new ArrayList<Callable<Void>>();
      for (int client = 0; client < AT_ONCE; client++) {
        var random = new Random(client);
        work.add(
            () -> {
              while (done.get() < requests) {
                for (Attempt one : attempts.apply(random)) {
                  done.incrementAndGet();
                  String found = found(one);
                  if (!found.isEmpty()) seen.put(one.kind(), found);
                  tried.computeIfAbsent(one.kind(), _ -> new AtomicInteger()).incrementAndGet();
                }
              }
              return null;
            });
      }
      work.add(
          () -> {
            // Streams go on while the other organization writes.
            for (int i = 0; i < streams; i++) {
              String found = foundInStream(stream(POSITIONS.getFirst()), () -> create(20));
              if (!found.isEmpty()) seen.put("stream", found);
            }
            return null;
          });
      for (Future<Void> one : clients.invokeAll(work)) one.get();
    }
    assertThat(seen).isEmpty();
    assertThat(tried).hasSameSizeAs(attempts.apply(new Random()));
    System.out.printf("%,d requests saw nothing of another organization%n", done.get());
  }

  /** The first thing of the other organization in the answer, which the request did not name. */
  private static String found(Attempt one) {
    HttpRequest.Builder asked =
        request(one.method(), one.path())
            .header("X-API-Key", one.apiKey())
            .method(
                one.method(),
                one.body().isEmpty()
                    ? BodyPublishers.noBody()
                    : BodyPublishers.ofString(one.body()));
    if (!one.body().isEmpty()) {
      asked.header(
          "Content-Type",
          one.method().equals("PATCH") ? "application/merge-patch+json" : "application/json");
    }
    if (!one.headers().isEmpty()) asked.headers(one.headers().toArray(String[]::new));
    HttpResponse<byte[]> answer = send(asked, BodyHandlers.ofByteArray());
    String bytes = answer.headers().map() + new String(answer.body(), StandardCharsets.ISO_8859_1);
    if (answer.statusCode() != one.status()) return answer.statusCode() + " " + bytes;
    if (one.method().equals("HEAD")) {
      return answer.headers().firstValue("X-Total-Count").orElse("").equals("0") ? "" : bytes;
    }
    if (one.path().startsWith("/imports/summary?")) {
      return bytes.contains("{\"count\":0,\"total_rows\":0,") ? "" : bytes;
    }
    return foundIn(bytes, one);
  }

  private static String foundIn(String bytes, Attempt one) {
    for (String mark : MARKS) {
      if (bytes.contains(mark) && !one.sent().contains(mark)) return mark + " in " + bytes;
    }
    // What it names itself may come back in a link or an error, and not with what belongs to it.
    return bytes.contains("\"total_rows\":70000") ? bytes : "";
  }

  /** Of what a stream brings until it is silent, while the other organization changes something. */
  private static String foundInStream(Attempt one, Runnable meanwhile) {
    HttpResponse<InputStream> answer =
        send(
            HttpRequest.newBuilder(
                    URI.create("http://localhost:" + RunningService.port() + one.path()))
                .header("X-API-Key", one.apiKey())
                .headers(one.headers().toArray(String[]::new)),
            BodyHandlers.ofInputStream());
    try (InputStream body = answer.body()) {
      var bytes = new StringBuilder();
      meanwhile.run();
      for (int next = body.read(); next >= 0; next = body.read()) {
        bytes.append((char) next);
        if (bytes.indexOf(": still here") >= 0) break;
      }
      return foundIn(bytes.toString(), one);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
