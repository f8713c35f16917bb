package com.sdragent.imports.standalone;

import static com.sdragent.imports.standalone.RunningService.OTHER_KEY;
import static com.sdragent.imports.standalone.RunningService.request;
import static com.sdragent.imports.standalone.RunningService.send;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sdragent.imports.testservers.QueryPlan;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.StatementCreatorUtils;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * Each filter of the list has its index: PostgreSQL says so of what the service sends, to the role
 * that sends it.
 */
class ListPlansIT {
  private static final JdbcTemplate JDBC = RunningService.owner();
  private static final UUID ORG = UUID.fromString("223e4567-e89b-12d3-a456-426614174000");
  private static final Pattern BOUND =
      Pattern.compile("column index (\\d+), parameter value \\[(.*)], value class");
  private static final Pattern SENT =
      Pattern.compile(
          "Executing prepared SQL statement \\[select set_config.*\\?, true\\); (select .* from"
              + " visible_import_.*)]");
  private static final String TABLE =
      "import_row_"
          + JDBC.queryForObject(
              "select generation % 2 from projection where name = 'imports'", Integer.class);

  @BeforeAll
  static void fill() {
    // Other tests leave rows of other times, in whatever order they run: here are more than those.
    JDBC.update(
        "insert into "
            + TABLE
            + " select gen_random_uuid(), gen_random_uuid(), null, 'other', 'plans', 'completed',"
            + " n, now() + n * interval '1 second', now(), 0 from generate_series(1, 6000) n");
    // Else the rows fill the gaps that other tests left, in an order that no index has.
    JDBC.execute("vacuum full " + TABLE);
    JDBC.update(
        "insert into "
            + TABLE
            + """
             select gen_random_uuid(), ?, case when n % 10 = 0 then
                      ('00000000-0000-0000-0000-00000000000' || n / 10 % 10)::uuid end,
                    'source_' || n % 10, 'plans', case when n % 8 = 0 then 'failed' else 'completed' end, n,
                    timestamptz '2024-01-01Z' + n * interval '1 minute',
                    case when n > 19980 then timestamptz '2030-01-01Z' else timestamptz '2024-01-01Z' end
                        + n * interval '1 minute', 0
             from generate_series(1, 20000) n
            """,
        ORG);
    JDBC.execute("analyze " + TABLE);
  }

  @AfterAll
  static void clear() {
    JDBC.update("delete from " + TABLE + " where file_name = 'plans'");
    JDBC.execute("analyze " + TABLE);
  }

  @ParameterizedTest
  @CsvSource({
    "limit=100, list",
    "limit=100&status=failed, status",
    "limit=10&campaign_id=00000000-0000-0000-0000-000000000003, campaign",
    "limit=100&source=source_7, source",
    "limit=100&created_after=2024-01-14T00:00:00Z, list",
    "limit=100&created_before=2024-01-08T00:00:00Z, list"
  })
  void a_page_walks_the_index_of_its_filter_in_the_order_of_the_list(String query, String index) {
    HttpResponse<String> first = list("/imports/?" + query);
    String next = "";
    Matcher link =
        Pattern.compile("<([^>]+)>.*").matcher(first.headers().firstValue("Link").orElse(""));
    if (link.matches()) next = URI.create("/imports/").resolve(link.group(1)).toString();
    assertThat(next).contains("cursor=");
    for (String page : new String[] {"/imports/?" + query, next}) {
      for (String plan : plans(page)) {
        assertThat(plan).contains(" " + TABLE + "_" + index + " ").doesNotContain("Sort");
      }
    }
  }

  @Test
  void what_was_updated_lately_is_found_without_looking_at_the_rest() {
    assertThat(plans("/imports/?limit=100&updated_after=2030-01-01T00:00:00Z").getFirst())
        .contains(TABLE + "_updated");
  }

  @Test
  void an_update_that_changes_no_filter_within_the_minute_leaves_the_indexes_alone() {
    Map<String, Object> changed =
        JDBC.execute(
            (ConnectionCallback<Map<String, Object>>)
                connection -> {
                  var jdbc = new JdbcTemplate(new SingleConnectionDataSource(connection, true));
                  connection.setAutoCommit(false);
                  try {
                    jdbc.update(
                        "update "
                            + TABLE
                            + " set total_rows = total_rows + 1, sequence = sequence + 1,"
                            + " updated_at = (updated_minute + interval '59.999999 s')"
                            + " at time zone 'UTC'"
                            + " where file_name = 'plans' and total_rows % 50 = 0");
                    return jdbc.queryForMap(
                        "select n_tup_upd as all, n_tup_hot_upd as hot"
                            + " from pg_stat_xact_user_tables where relname = ?",
                        TABLE);
                  } finally {
                    connection.rollback();
                    connection.setAutoCommit(true);
                  }
                });
    assertThat(changed).isNotNull();
    assertThat((Long) changed.get("all")).isPositive().isEqualTo(changed.get("hot"));
  }

  private static HttpResponse<String> list(String path) {
    HttpResponse<String> page = send(request("GET", path).header("X-API-Key", OTHER_KEY));
    assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
    return page;
  }

  /**
   * How PostgreSQL goes about what the service sends for this page: with these values and, as for a
   * statement that is sent often, with any.
   */
  private static List<String> plans(String path) {
    var sent = new ListAppender<ILoggingEvent>();
    Logger statements = (Logger) LoggerFactory.getLogger(JdbcTemplate.class);
    Logger values = (Logger) LoggerFactory.getLogger(StatementCreatorUtils.class);
    Level statementsLevel = statements.getLevel();
    Level valuesLevel = values.getLevel();
    sent.start();
    statements.setLevel(Level.DEBUG);
    values.setLevel(Level.TRACE);
    statements.addAppender(sent);
    values.addAppender(sent);
    try {
      list(path);
    } finally {
      statements.detachAppender(sent);
      values.detachAppender(sent);
      statements.setLevel(statementsLevel);
      values.setLevel(valuesLevel);
    }
    String statement = "";
    String request = "";
    var bound = new ArrayList<String>();
    for (ILoggingEvent event : List.copyOf(sent.list)) {
      Matcher list = SENT.matcher(event.getFormattedMessage());
      Matcher value = BOUND.matcher(event.getFormattedMessage());
      if (list.find()) {
        assertThat(statement).as(path).isEmpty();
        statement = list.group(1);
        request = event.getThreadName();
      } else if (event.getThreadName().equals(request) && value.find()) {
        // The first is the setting's.
        if (!value.group(1).equals("1")) bound.add("'" + value.group(2) + "'");
      }
    }
    assertThat(bound).as(path).isNotEmpty();
    for (int i = 1; statement.contains("?"); i++) {
      statement = statement.replaceFirst("\\?", "\\$" + i);
    }
    String prepare = "prepare of_a_test as " + statement;
    return List.of(
        plan(prepare, bound, "force_custom_plan"), plan(prepare, bound, "force_generic_plan"));
  }

  private static String plan(String prepare, List<String> values, String mode) {
    return String.valueOf(
        JDBC.execute(
            (ConnectionCallback<String>)
                connection -> {
                  try (var session = connection.createStatement()) {
                    session.execute("set role imports_viewer");
                  }
                  String plan =
                      QueryPlan.of(
                          connection,
                          mode,
                          prepare,
                          "explain execute of_a_test (" + String.join(", ", values) + ")");
                  assertThat(plan).contains("array_position");
                  return plan;
                }));
  }
}
