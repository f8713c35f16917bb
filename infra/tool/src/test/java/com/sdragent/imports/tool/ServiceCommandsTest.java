package com.sdragent.imports.tool;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.tool.terminal.ExitCode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/**
 * How the commands that ask the service print what it answers, and what they say when it does not.
 */
class ServiceCommandsTest {
  private static final String ID = "019376b2-7d1c-7e5f-9a51-3f0c5d2a9b10";
  private static final String REBUILD =
      "{\"id\":1,\"state\":\"%s\",\"phase\":\"loading\",\"events_done\":%s,\"events_total\":10,"
          + "\"events_per_second\":5,\"seconds_left\":1,\"differences\":%s,\"different_rows\":%s,"
          + "\"error\":null,\"started_at\":\"2024-10-06T12:00:00Z\",\"finished_at\":null}";

  private static final String REPLAY =
      "{\"id\":\"%s\",\"state\":\"%s\",\"target\":\"imports.replay.x\",\"dry_run\":%s,"
          + "\"from_position\":1,\"to_position\":10,\"position\":%s,\"events\":%s,\"error\":%s}";

  private static final String NO_ANSWER = "the connection is closed without one";
  private static final String STARTING = "{\"detail\":\"The service cannot do this now\"}";

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final Deque<String> answers = new ArrayDeque<>();
  private final List<String> asked = new ArrayList<>();
  private final List<String> sent = new ArrayList<>();
  private int status = 200;
  private HttpServer server = start();

  private HttpServer start() {
    try {
      var started =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      started.createContext(
          "/",
          exchange -> {
            asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            sent.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            String answer = answers.remove();
            if (answer.equals(NO_ANSWER)) {
              exchange.close();
              return;
            }
            byte[] body = answer.getBytes(StandardCharsets.UTF_8);
            if (!answers.isEmpty() && exchange.getRequestURI().getPath().endsWith("events")) {
              exchange
                  .getResponseHeaders()
                  .add("Link", "<events?limit=1000&cursor=0>; rel=\"next\"");
            }
            exchange.sendResponseHeaders(answer.equals(STARTING) ? 503 : status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
          });
      started.start();
      return started;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @BeforeEach
  void nothingAskedYet() {
    asked.clear();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private int run(String... arguments) {
    var all = new ArrayList<>(List.of(arguments));
    all.add("--service=http://localhost:" + server.getAddress().getPort());
    all.add("--api-key=secret");
    return ImportsTool.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(all.toArray(String[]::new));
  }

  @Test
  void a_history_is_a_timeline_over_all_pages() {
    answers.add(
        "[{\"time\":\"2024-10-06T12:00:00Z\",\"type\":\"ImportCreated\",\"actor\":\"ann\","
            + "\"request_id\":\"r1\",\"changes\":{\"source\":{\"from\":null,\"to\":\"csv\"}}}]");
    answers.add(
        "[{\"time\":\"2024-10-06T13:00:00Z\",\"type\":\"ImportDeleted\",\"actor\":null,"
            + "\"request_id\":null,\"changes\":{}}]");
    assertThat(run("history", ID)).isZero();
    assertThat(out.toString())
        .contains("2024-10-06T12:00:00Z", "ImportCreated", "by ann, request r1")
        .contains("source: — → csv")
        .contains("ImportDeleted", "2 events");
    assertThat(asked)
        .containsExactly(
            "GET /imports/" + ID + "/events?limit=1000",
            "GET /imports/" + ID + "/events?limit=1000&cursor=0");
  }

  @Test
  void a_history_cannot_control_the_terminal_by_what_somebody_chose() {
    answers.add(
        "[{\"time\":\"2024-10-06T12:00:00Z\",\"type\":\"ImportCreated\",\"actor\":\"an\\u009bn\","
            + "\"request_id\":\"r\\u202e1\",\"changes\":{\"file_name\":{\"from\":null,"
            + "\"to\":\"\\u001b]0;owned\\u0007\\n1 events\"}}}]");
    assertThat(run("history", ID)).isZero();
    assertThat(out.toString().lines()).hasSize(3);
    assertThat(out.toString())
        .contains("by an\uFFFDn, request r\uFFFD1")
        .contains("file_name: — → \uFFFD]0;owned\uFFFD\uFFFD1 events");
  }

  @Test
  void what_the_service_refuses_is_told_in_one_line() {
    status = 404;
    answers.add("{\"detail\":\"Import not found\"}");
    assertThat(run("history", ID)).isEqualTo(ExitCode.COULD_NOT_LOOK);
    assertThat(err.toString().strip())
        .isEqualTo("imports-tool: The service says 404: Import not found");
  }

  @Test
  void a_service_that_is_older_or_another_is_told_with_the_way_out() {
    status = 404;
    answers.add("{\"detail\":\"There is nothing at this address\"}");
    assertThat(run("rebuild")).isEqualTo(ExitCode.COULD_NOT_LOOK);
    assertThat(err.toString()).contains("older than this tool, or --service names its other side");
    status = 200;
    answers.add("{\"state\":\"completed\"}");
    assertThat(run("rebuild")).isEqualTo(ExitCode.COULD_NOT_LOOK);
    assertThat(err.toString()).contains("use the tool of the service's version");
    answers.add("<html>Welcome</html>");
    assertThat(run("history", ID, "--json")).isEqualTo(ExitCode.COULD_NOT_LOOK);
    assertThat(JsonMapper.shared().readTree(out.toString()).get("error").stringValue())
        .contains("is not the imports service: correct --service");
    status = 401;
    answers.add("{\"detail\":\"Authentication required\"}");
    assertThat(run("history", ID)).isEqualTo(ExitCode.COULD_NOT_LOOK);
    assertThat(err.toString()).contains("correct --api-key or IMPORTS_API_KEY");
  }

  @Test
  void a_rebuild_is_watched_to_its_end() {
    answers.add(REBUILD.formatted("running", 4, 0, "[]"));
    answers.add(REBUILD.formatted("completed", 10, 0, "[]"));
    assertThat(run("rebuild")).isZero();
    assertThat(out.toString()).contains("Rebuild completed: 10 events, 5 a second");
    assertThat(asked)
        .containsExactly(
            "POST /admin/projections/imports/rebuild", "GET /admin/projections/imports/rebuild");
  }

  @Test
  void a_rebuild_is_of_the_projection_that_is_named() {
    answers.add(REBUILD.formatted("completed", 10, 0, "[]"));
    assertThat(run("rebuild", "--projection=other")).isZero();
    assertThat(asked).containsExactly("POST /admin/projections/other/rebuild");
  }

  @Test
  void what_is_printed_and_sent_is_the_same_in_every_language() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.of("ar", "EG"));
    try {
      answers.add(
          "[{\"time\":\"2024-10-06T12:00:00Z\",\"type\":\"ImportDeleted\",\"actor\":null,"
              + "\"request_id\":null,\"changes\":{}}]");
      assertThat(run("history", ID)).isZero();
      answers.add(REBUILD.formatted("completed", 10, 1234, "[]"));
      assertThat(run("rebuild")).isEqualTo(ExitCode.FOUND_WRONG);
      answers.add(REPLAY.formatted(ID, "completed", false, 10, 4321, "null"));
      assertThat(run("replay", "--target=imports.replay.x", "--from-position=7", "--rate=5"))
          .isZero();
    } finally {
      Locale.setDefault(before);
    }
    assertThat(out.toString())
        .contains("1 events", "Rebuild completed: 10 events, 5 a second", "1,234 rows", "4,321 ev");
    assertThat(sent.getLast()).contains("\"from_position\":7", "\"events_per_second\":5");
  }

  @Test
  void a_rebuild_is_watched_over_a_restart_of_the_service() {
    answers.add(REBUILD.formatted("running", 4, 0, "[]"));
    answers.add(NO_ANSWER);
    answers.add(STARTING);
    answers.add(REBUILD.formatted("completed", 10, 0, "[]"));
    assertThat(run("rebuild")).as(err.toString()).isZero();
    assertThat(out.toString()).contains("Rebuild completed: 10 events");
    assertThat(answers).isEmpty();
  }

  @Test
  void a_rebuild_that_found_differences_names_them_and_says_so_by_its_exit_code() {
    answers.add(
        REBUILD.formatted(
            "completed", 10, 1, "[{\"id\":\"" + ID + "\",\"live\":null,\"rebuilt\":{}}]"));
    assertThat(run("rebuild")).isEqualTo(ExitCode.FOUND_WRONG);
    assertThat(out.toString()).contains("1 rows were not what the events say", ID + " was missing");
  }

  @Test
  void a_replay_is_asked_for_as_the_options_say_and_watched_to_its_end() {
    answers.add(REPLAY.formatted(ID, "running", false, 4, 2, "null"));
    answers.add(REPLAY.formatted(ID, "completed", false, 10, 5, "null"));
    assertThat(
            run(
                "replay",
                "--target=imports.replay.x",
                "--type=ImportCreated",
                "--from-time=2024-10-06T12:00:00Z",
                "--to-position=10",
                "--rate=100"))
        .isZero();
    assertThat(out.toString()).contains("Replay completed: 5 events published to imports.replay.x");
    assertThat(asked).containsExactly("POST /admin/replays", "GET /admin/replays/" + ID);
    assertThat(sent.getFirst())
        .isEqualTo(
            "{\"target\":\"imports.replay.x\",\"dry_run\":false,\"to_position\":10,"
                + "\"from_time\":\"2024-10-06T12:00:00Z\",\"type\":\"ImportCreated\","
                + "\"events_per_second\":100}");
  }

  @Test
  void a_dry_run_says_how_many_events_there_are_and_a_failed_replay_why() {
    answers.add(REPLAY.formatted(ID, "completed", true, 10, 1234, "null"));
    assertThat(run("replay", "--target=imports.replay.x", "--dry-run")).isZero();
    assertThat(out.toString()).contains("1,234 events would be published to imports.replay.x");
    answers.add(REPLAY.formatted(ID, "failed", false, 3, 2, "\"The topic was deleted\""));
    assertThat(run("replay", "--watch=" + ID)).isEqualTo(ExitCode.FOUND_WRONG);
    assertThat(out.toString()).contains("The topic was deleted");
    assertThat(asked).containsExactly("POST /admin/replays", "GET /admin/replays/" + ID);
  }

  @Test
  void a_replay_is_cancelled_by_its_id_and_one_without_a_target_is_wrong_use() {
    answers.add(REPLAY.formatted(ID, "cancelled", false, 4, 2, "null"));
    assertThat(run("replay", "--cancel=" + ID, "--json")).isZero();
    assertThat(asked).containsExactly("DELETE /admin/replays/" + ID);
    assertThat(out.toString().strip()).startsWith("{\"id\"");
    assertThat(run("replay")).isEqualTo(ExitCode.WRONG_USE);
    assertThat(run("replay", "--target=imports.events")).isEqualTo(ExitCode.WRONG_USE);
  }

  @Test
  void parked_events_are_listed_over_all_pages_with_why_and_what_waits() {
    answers.add(
        """
        [{"position":7,"import_id":"%s","org_id":"%s","type":"ImportStatusChanged",
          "error":"It cannot\\u001b follow","attempts":2,"parked_at":"2024-10-06T12:00:00Z"},
         {"position":8,"import_id":"%s","org_id":"%s","type":"ImportDeleted",
          "error":null,"attempts":0,"parked_at":"2024-10-06T12:00:00Z"}]
        """
            .formatted(ID, ID, ID, ID));
    assertThat(run("parked", "--of=publication")).isEqualTo(ExitCode.FOUND_WRONG);
    assertThat(out.toString())
        .contains("7  2024-10-06T12:00:00Z  ImportStatusChanged  import " + ID)
        .contains("It cannot\uFFFD follow (tried 2 times)")
        .contains("waits behind another of its import")
        .contains("2 events are parked");
    answers.add("[]");
    assertThat(run("parked", "--of=projection", "--json")).isZero();
    answers.add("[]");
    assertThat(run("parked", "--of=projection", "--projection=a/b", "--json")).isZero();
    assertThat(asked)
        .containsExactly(
            "GET /admin/publication/parked?limit=1000",
            "GET /admin/projections/imports/parked?limit=1000",
            "GET /admin/projections/a%2Fb/parked?limit=1000");
  }

  @Test
  void a_parked_event_is_retried_or_discarded_by_its_position() {
    answers.add("{\"applied\":3,\"parked\":0}");
    assertThat(run("parked", "--of=projection", "--retry=7")).isZero();
    assertThat(out.toString()).contains("3 events taken, 0 of the import are left");
    answers.add("{\"applied\":0,\"parked\":1}");
    assertThat(run("parked", "--of=publication", "--discard=7", "--json"))
        .isEqualTo(ExitCode.FOUND_WRONG);
    assertThat(asked)
        .containsExactly(
            "POST /admin/projections/imports/parked/7/retry", "DELETE /admin/publication/parked/7");
    assertThat(run("parked")).isEqualTo(ExitCode.WRONG_USE);
    assertThat(run("parked", "--of=publication", "--retry=7", "--discard=8"))
        .isEqualTo(ExitCode.WRONG_USE);
  }
}
