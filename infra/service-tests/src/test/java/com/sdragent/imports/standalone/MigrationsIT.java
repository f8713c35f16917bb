package com.sdragent.imports.standalone;

import static com.sdragent.imports.standalone.RunningService.AUDITOR_KEY;
import static com.sdragent.imports.standalone.RunningService.KEY;
import static com.sdragent.imports.standalone.RunningService.OPERATOR_KEY;
import static com.sdragent.imports.standalone.RunningService.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.command.CommandSideApplication;
import com.sdragent.imports.query.QuerySideApplication;
import com.sdragent.imports.testservers.HandMadeEvents;
import com.sdragent.imports.testservers.TestPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Four owners, one history, and nodes that know only some of them. */
@ExtendWith(OutputCaptureExtension.class)
class MigrationsIT {
  private static final Path ROOT = Path.of("..", "..");
  private static final Path SCRIPTS = Path.of("src", "main", "resources", "db", "migration");
  private static final List<String> COMMAND_SIDE =
      List.of("infra/event-store", "infra/access", "command-side");
  private static final List<String> QUERY_SIDE =
      List.of("infra/event-store", "infra/access", "query-side");
  private static final List<String> BOTH_SIDES =
      Stream.concat(COMMAND_SIDE.stream(), Stream.of("query-side")).toList();

  /** Of everything that the schema consists of, and of who may do what with it. */
  private static final String SCHEMA =
      """
      select format('%s.%s %s %s', table_name, column_name, data_type, column_default)
      from information_schema.columns where table_schema = 'public'
      union all
      select indexdef from pg_indexes where schemaname = 'public'
      union all
      select oid::regprocedure || ' ' || coalesce(proacl::text, '')
      from pg_proc where pronamespace = 'public'::regnamespace
      union all
      select relname || ' ' || coalesce(relacl::text, '')
      from pg_class where relnamespace = 'public'::regnamespace
      order by 1
      """;

  private final TestPostgres.Database database = TestPostgres.freshDatabase();
  private final JdbcTemplate owner = owner(database);

  private static JdbcTemplate owner(TestPostgres.Database database) {
    return new JdbcTemplate(
        new DriverManagerDataSource(database.jdbcUrl(), database.username(), database.password()));
  }

  static List<List<List<String>>> orders() {
    return List.of(
        List.of(BOTH_SIDES),
        List.of(COMMAND_SIDE, QUERY_SIDE),
        List.of(QUERY_SIDE, COMMAND_SIDE),
        List.of(BOTH_SIDES, QUERY_SIDE, COMMAND_SIDE));
  }

  @ParameterizedTest
  @MethodSource("orders")
  void whichever_node_starts_first_the_schema_becomes_the_same(List<List<String>> nodes) {
    for (int start = 0; start < 2; start++) {
      for (List<String> modules : nodes) node(modules).migrate();
    }
    TestPostgres.Database atOnce = TestPostgres.freshDatabase();
    flyway(atOnce, BOTH_SIDES).migrate();
    assertThat(schema(database)).isEqualTo(schema(atOnce));
  }

  @Test
  void a_job_that_migrates_makes_the_schema_and_ends_whatever_time_it_takes(@TempDir Path more)
      throws IOException {
    Files.writeString(
        more.resolve("V900__limit.sql"),
        """
        do $$ begin
          if current_setting('statement_timeout') <> '0' then raise 'there is a limit'; end if;
        end $$
        """);
    String[] job = {
      "migrate",
      // A setting of the nodes, which may share a file with this job.
      "--spring.flyway.enabled=false",
      "--spring.flyway.locations=classpath:db/migration,filesystem:" + more,
      "--spring.datasource.url=" + database.jdbcUrl(),
      "--spring.datasource.username=" + database.username(),
      "--spring.datasource.password=" + database.password()
    };
    QuerySideApplication.main(job);
    CommandSideApplication.main(job);
    TestPostgres.Database atOnce = TestPostgres.freshDatabase();
    flyway(atOnce, BOTH_SIDES).migrate();
    assertThat(schema(database)).isEqualTo(schema(atOnce));
  }

  private static List<String> schema(TestPostgres.Database database) {
    return owner(database).query(SCHEMA, (row, _) -> row.getString(1));
  }

  /** As a node does it whose classpath holds these modules. */
  private Flyway node(List<String> modules) {
    return flyway(database, modules);
  }

  private static Flyway flyway(TestPostgres.Database database, List<String> modules) {
    return Flyway.configure()
        .configuration(RunningService.bean(Flyway.class).getConfiguration())
        .dataSource(database.jdbcUrl(), database.username(), database.password())
        .locations(
            modules.stream()
                .map(module -> "filesystem:" + ROOT.resolve(module).resolve(SCRIPTS))
                .toArray(String[]::new))
        .load();
  }

  @ParameterizedTest
  @CsvSource({
    "infra/event-store, 1, 99",
    "query-side, 100, 199",
    "infra/access, 200, 299",
    "command-side, 300, 399"
  })
  void each_owner_has_a_range_of_numbers(String module, int first, int last) throws IOException {
    try (Stream<Path> scripts = Files.list(ROOT.resolve(module).resolve(SCRIPTS))) {
      assertThat(scripts.map(script -> script.getFileName().toString()))
          .isNotEmpty()
          .allSatisfy(
              name ->
                  assertThat(
                          Integer.parseInt(name.replaceFirst("^V([0-9]+)__[a-z_]+\\.sql$", "$1")))
                      .isBetween(first, last));
    }
  }

  @Test
  void a_database_of_before_is_refused_in_one_sentence(CapturedOutput output) {
    owner.execute(
        KeptDump.HISTORY
            + """
            insert into flyway_schema_history
            values (1, '1', 'event store', 'SQL', 'V1__event_store.sql', 12345, 'x', now(), 1, true),
                   (2, '10', 'list filters', 'SQL', 'V10__list_filters.sql', 678, 'x', now(), 1, true);
            """);
    assertThatThrownBy(() -> RunningService.start(database, "before", false).close())
        .isInstanceOf(RuntimeException.class);
    assertThat(output.getErr().lines().filter(line -> line.startsWith("The imports service")))
        .containsExactly(
            "The imports service did not start. The schema of the database was made by a version"
                + " that this one does not upgrade: use an empty database, or an empty"
                + " imports.standalone.data-directory if the service brings its own servers");
    assertThat(output).doesNotContain("checksum", "FlywayValidateException");
    assertThat(KeptDump.tables(owner)).containsExactly("flyway_schema_history");
  }

  /**
   * {@code mvn verify -pl infra/service-tests -am -Dit.test=MigrationsIT -Dimports.test.keep-dump}.
   */
  @Test
  @EnabledIfSystemProperty(named = "imports.test.keep-dump", matches = ".*")
  void a_dump_with_something_in_each_table_is_written() throws IOException {
    System.setProperty("imports.aggregate.events-between-snapshots", "3");
    try (var service = RunningService.start(database, "kept." + UUID.randomUUID(), true)) {
      fill(service);
      awaitSomethingInEach("snapshot", "parked_event", "parked_publication", "lease", "replay");
    } finally {
      System.clearProperty("imports.aggregate.events-between-snapshots");
    }
    assertThat(KeptDump.tables(owner))
        .filteredOn(table -> count(table) == 0)
        .isSubsetOf(
            "import_row_1",
            "summary_import_1",
            "summary_cell_1",
            "summary_count_1",
            "parked_by_rebuild",
            "request_quota",
            // There is one store.
            "store_name",
            "lease",
            // A day has one of these.
            "idempotency_key_0",
            "idempotency_key_1",
            "idempotency_key_2");
    KeptDump.write(owner, node(BOTH_SIDES));
  }

  private void fill(ConfigurableApplicationContext service) {
    String campaign = ",\"campaign_id\":\"8d0f7780-8536-51ef-a948-f18ad2a01bf8\"}";
    String changed = created(service, "{\"source\":\"CSV “é”\",\"file_name\":\"a.csv\"" + campaign);
    for (String body :
        List.of(
            "{\"status\":\"processing\"}",
            "{\"campaign_id\":null}",
            "{\"total_rows\":7}",
            "{\"status\":\"completed\"}")) {
      asked(service, "PUT", "/imports/" + changed, KEY, body);
    }
    String deleted = created(service, "{\"source\":\"hubspot\"}");
    asked(service, "DELETE", "/imports/" + deleted, KEY, "");
    owner.update(
        """
        insert into api_key (id, secret_hash, organization, name, scopes)
        values (?, decode(?, 'hex'), ?::uuid, 'kept', '{imports:read}')
        """,
        KeptDump.KEY.id(),
        KeptDump.KEY.hash(),
        DemoAccess.ORGANIZATION);
    owner.update(
        "insert into verification (kind, from_position, position, hash, compared, findings)"
            + " values ('verify', 1, 1, sha256(''), true, 0)");
    HandMadeEvents.allowIn(database);
    String poisoned = created(service, "{\"source\":\"poisoned\"}");
    owner.update(
        """
        insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type,
                                  revision, organization, occurred_at, payload, metadata)
        select position + 1, aggregate_id, 1, gen_random_uuid(), 'ImportStatusChanged', 1,
               organization, occurred_at, '[]', '{}'
        from domain_event where aggregate_id = ?::uuid
        """,
        poisoned);
    owner.execute("notify domain_event");
    awaitSomethingInEach("parked_publication");
    Long parked = owner.queryForObject("select max(position) from domain_event", Long.class);
    asked(service, "POST", "/admin/publication/parked/" + parked + "/retry", OPERATOR_KEY, "");
    asked(
        service,
        "POST",
        "/admin/replays",
        OPERATOR_KEY,
        "{\"target\":\"imports.replay.kept\",\"dry_run\":true}");
    // Twice, so that the live table is again the one that has its indexes from the scripts.
    for (int rebuild = 0; rebuild < 2; rebuild++) {
      String path = "/admin/projections/imports/rebuild";
      asked(service, "POST", path, OPERATOR_KEY, "");
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> json(asked(service, "GET", path, OPERATOR_KEY, "")).toString(),
              status -> status.contains("\"completed\""));
    }
    assertThat(asked(service, "GET", "/imports/" + changed + "/events", AUDITOR_KEY, "").body())
        .contains("ImportCampaignUnlinked");
  }

  private void awaitSomethingInEach(String... tables) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(tables).allMatch(table -> count(table) > 0));
  }

  private int count(String table) {
    Integer count = owner.queryForObject("select count(*) from " + table, Integer.class);
    return count == null ? 0 : count;
  }

  private static String created(ConfigurableApplicationContext service, String body) {
    return json(asked(service, "POST", "/imports/", KEY, body)).get("id").stringValue();
  }

  private static HttpResponse<String> asked(
      ConfigurableApplicationContext service, String method, String path, String key, String body) {
    String port = service.getEnvironment().getProperty("local.server.port");
    HttpResponse<String> answer =
        RunningService.send(
            HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                .header("X-API-Key", key)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", UUID.randomUUID().toString())
                .method(
                    method,
                    body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body)));
    assertThat(answer.statusCode()).as("%s %s: %s", method, path, answer.body()).isLessThan(300);
    return answer;
  }
}
