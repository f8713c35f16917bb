package com.sdragent.imports.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.benchmarks.ImportsClient.Answer;
import com.sdragent.imports.testservers.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Asks for every time that the service tells, of a service and a database in other zones. */
final class UtcTimes {
  private static final Pattern TIME =
      Pattern.compile("\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d[^\",}\\]]*");

  private final ImportsClient client;
  private final String url;
  private final TestPostgres.Database database;
  private final Instant begun;

  /**
   * Asks by this client.
   *
   * @param begun no time that the service tells is from before
   */
  UtcTimes(ImportsClient client, String url, TestPostgres.Database database, Instant begun) {
    this.client = client;
    this.url = url;
    this.database = database;
    this.begun = begun;
  }

  /** From now on, every session of the database begins in the zone of Kathmandu. */
  static void moveToKathmandu(TestPostgres.Database database) throws SQLException {
    execute(database, "alter database imports set timezone to 'Asia/Kathmandu'");
  }

  /** All end in Z and are of the run. It leaves an event that is parked. */
  void assertUtcEverywhere() throws Exception {
    String imports = url + "/imports/";
    Answer created = asked("POST", imports, "{\"source\":\"s\"}", 201, 2);
    String one = imports + created.json().get("id").stringValue();
    Answer updated = asked("PUT", one, "{\"status\":\"processing\"}", 200, 2);
    String time = updated.json().get("updated_at").stringValue();
    assertThat(asked("GET", one, null, 200, 2).body()).isEqualTo(updated.body());
    assertThat(asked("GET", one + "?as_of=" + time, null, 200, 2).body()).isEqualTo(updated.body());
    asked("GET", imports, null, 200, 2);
    asked("GET", imports + "?as_of=" + time, null, 200, 2);
    Answer history = asked("GET", one + "/events", null, 200, 2);
    assertThat(history.json().get(1).get("time").stringValue()).isEqualTo(time);
    asked("GET", url + "/events?limit=1000", null, 200, 2);

    String replays = url + "/admin/replays";
    Answer replay =
        asked(
            "POST",
            replays,
            "{\"target\":\"imports.replay.utc\",\"dry_run\":true,\"from_time\":\"%s\",\"to_time\":\"%s\"}"
                .formatted(begun, time),
            202,
            3);
    awaitEnd(replays + "/" + replay.json().get("id").stringValue(), 4);

    execute(
        database,
        "update import_view set total_rows = 99 where id = '%s'"
            .formatted(created.json().get("id").stringValue()));
    String rebuild = url + "/admin/projections/imports/rebuild";
    asked("POST", rebuild, "", 202, 1);
    awaitEnd(rebuild, 6);

    execute(
        database,
        "insert into parked_event (projection, position, import_id, organization, event_type,"
            + " error) values ('imports', 9000000000, gen_random_uuid(), gen_random_uuid(),"
            + " 'ImportCreated', 'a test')");
    asked("GET", url + "/admin/projections/imports/parked", null, 200, 1);
  }

  private void awaitEnd(String address, int times) throws Exception {
    Audit.await(
        "the end of " + address,
        () ->
            !client.send("GET", address, null).json().get("state").stringValue().equals("running"));
    asked("GET", address, null, 200, times);
  }

  /** The answer, in which at least so many times are told. */
  private Answer asked(
      String method,
      String address,
      @org.jspecify.annotations.Nullable String body,
      int status,
      int times) {
    Answer answer = client.send(method, address, body);
    assertThat(answer.status()).as("%s %s: %s", method, address, answer.body()).isEqualTo(status);
    List<String> told = new ArrayList<>();
    var matcher = TIME.matcher(answer.body());
    while (matcher.find()) told.add(matcher.group());
    assertThat(told)
        .as("%s %s: %s", method, address, answer.body())
        .hasSizeGreaterThanOrEqualTo(times)
        .allSatisfy(
            time -> {
              assertThat(time).endsWith("Z");
              assertThat(Instant.parse(time)).isBetween(begun, Instant.now());
            });
    return answer;
  }

  private static void execute(TestPostgres.Database database, String sql) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
