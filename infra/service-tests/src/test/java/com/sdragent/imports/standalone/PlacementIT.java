package com.sdragent.imports.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.access.keys.KeyTable;
import com.sdragent.imports.access.keys.KeyToken;
import com.sdragent.imports.access.keys.NewKey;
import com.sdragent.imports.access.placement.Placement;
import com.sdragent.imports.access.placement.PlacementProperties;
import com.sdragent.imports.testservers.TestPostgres;
import com.sdragent.imports.testservers.contract.ApiContract;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Organizations on two stores, each with a database and a node of its own. */
@Timeout(120)
class PlacementIT {
  /** The organization of the demo key, which is named; all others are not. */
  private static final UUID NAMED = UUID.fromString(DemoAccess.ORGANIZATION);

  private static final UUID OTHER = UUID.fromString("223e4567-e89b-12d3-a456-426614174000");
  private static final Map<String, String> STORES = Map.of("eu", "https://eu.example", "us", "");
  private static final String[] ALL_SCOPES = {
    "imports:read", "imports:write", "imports:audit", "admin"
  };
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private static Store eu;
  private static Store us;

  private record Store(TestPostgres.Database database, ConfigurableApplicationContext node) {
    JdbcTemplate owner() {
      return new JdbcTemplate(
          new DriverManagerDataSource(
              database.jdbcUrl(), database.username(), database.password()));
    }

    List<String> organizations() {
      return owner()
          .query("select distinct organization from domain_event", (row, _) -> row.getString(1));
    }

    String newKey(UUID organization) {
      KeyToken token = KeyToken.create("test");
      var key = new NewKey(organization, "a key", List.of(ALL_SCOPES), List.of(), null);
      owner()
          .execute(
              (ConnectionCallback<Object>)
                  connection -> KeyTable.create(connection, token, key, null));
      return token.secretText();
    }

    /** A key that works on another store as well. */
    void takeKey(Store other, String key) {
      String row =
          other
              .owner()
              .queryForObject(
                  "select to_json(api_key) from api_key where id = ?", String.class, id(key));
      owner()
          .update(
              "insert into api_key select * from json_populate_record(null::api_key, ?::json)",
              row);
    }

    @Nullable Object lastUse(String key) {
      return owner()
          .queryForMap("select last_used_at from api_key where id = ?", id(key))
          .get("last_used_at");
    }

    int events() {
      return Objects.requireNonNull(
          owner().queryForObject("select count(*) from domain_event", Integer.class));
    }

    private static String id(String key) {
      return key.split("_", -1)[2];
    }
  }

  @BeforeAll
  static void start() {
    eu = start("eu");
    us = start("us");
  }

  private static Store start(String name) {
    TestPostgres.Database database = TestPostgres.freshDatabase();
    return new Store(database, node(database, name));
  }

  private static ConfigurableApplicationContext node(TestPostgres.Database database, String name) {
    return RunningService.start(
        database,
        "placement." + name,
        false,
        "--imports.placement.store=" + name,
        "--imports.placement.others=us",
        "--imports.placement.organizations." + NAMED + "=eu",
        "--imports.placement.stores.eu=" + STORES.get("eu"),
        "--imports.placement.stores.us=" + STORES.get("us"),
        "--imports.access.limits.per-key.requests=1000000");
  }

  @AfterAll
  static void stop() {
    for (Store store : new Store[] {eu, us}) if (store != null) store.node().close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /imports/",
        "PUT /imports/123e4567-e89b-12d3-a456-426614174001",
        "PATCH /imports/123e4567-e89b-12d3-a456-426614174001",
        "DELETE /imports/123e4567-e89b-12d3-a456-426614174001",
        "GET /imports/",
        "HEAD /imports/",
        "GET /imports/summary",
        "GET /imports/123e4567-e89b-12d3-a456-426614174001",
        "GET /imports/123e4567-e89b-12d3-a456-426614174001/events",
        "GET /events",
        "POST /api-keys",
        "GET /api-keys",
        "GET /audit",
        "GET /nowhere"
      })
  void an_organization_of_another_store_is_told_so_on_every_route(String route) throws Exception {
    assertSentToEu(route, us.newKey(NAMED));
    assertSentToEu(route, null);
    HttpResponse<String> answer = ask(eu, route, eu.newKey(OTHER), "{\"source\": \"csv_upload\"}");
    assertThat(answer.statusCode()).isEqualTo(421);
    assertThat(answer.headers().firstValue("Link")).isEmpty();
    assertThat(ask(us, route, "sk_of_nobody_at_all", "").statusCode()).isEqualTo(401);
  }

  private static void assertSentToEu(String route, @Nullable String key) throws Exception {
    HttpResponse<String> answer = ask(us, route, key, "{\"source\": \"csv_upload\"}");
    assertThat(answer.statusCode()).isEqualTo(421);
    assertThat(answer.headers().firstValue("Link"))
        .contains("<https://eu.example>; rel=\"alternate\"");
    if (!route.startsWith("HEAD")) assertThat(answer.body()).contains("ask https://eu.example");
  }

  @Test
  void no_misrouting_puts_events_of_an_organization_on_two_stores() throws Exception {
    var random = new Random(42);
    var keys = new HashMap<UUID, String>();
    for (UUID organization : List.of(NAMED, OTHER, UUID.randomUUID(), UUID.randomUUID())) {
      String key = eu.newKey(organization);
      keys.put(organization, key);
      us.takeKey(eu, key);
    }
    var tries = new ArrayList<Callable<Integer>>();
    for (int i = 0; i < 400; i++) {
      UUID organization = List.copyOf(keys.keySet()).get(random.nextInt(keys.size()));
      Store asked = random.nextBoolean() ? eu : us;
      int expected = asked.equals(eu) == organization.equals(NAMED) ? 201 : 421;
      tries.add(
          () -> {
            String body = "{\"source\": \"csv_upload\"}";
            assertThat(ask(asked, "POST /imports/", keys.get(organization), body).statusCode())
                .isEqualTo(expected);
            return expected;
          });
    }
    int stored = eu.events() + us.events();
    try (var clients = Executors.newFixedThreadPool(16)) {
      for (var done : clients.invokeAll(tries)) if (done.get() == 201) stored++;
    }
    assertThat(eu.organizations()).containsOnly(NAMED.toString());
    assertThat(us.organizations())
        .hasSize(keys.size() - 1)
        .doesNotContain(NAMED.toString())
        .isSubsetOf(keys.keySet().stream().map(UUID::toString).toList());
    assertThat(eu.events() + us.events()).isEqualTo(stored);
  }

  @Test
  void nothing_is_noted_or_counted_of_a_request_that_is_told_so() throws Exception {
    String elsewhere = us.newKey(NAMED);
    String here = us.newKey(OTHER);
    HttpResponse<String> told = ask(us, "GET /imports/", elsewhere, "");
    assertThat(told.headers().firstValue("RateLimit")).isEmpty();
    HttpResponse<String> answered = ask(us, "GET /imports/", here, "");
    assertThat(answered.headers().firstValue("RateLimit")).isPresent();
    await().until(() -> us.lastUse(here) != null);
    assertThat(us.lastUse(elsewhere)).isNull();
  }

  @Test
  void operators_ask_any_store_whatever_organization_their_key_is_of() throws Exception {
    for (Store store : new Store[] {eu, us}) {
      String key = RunningService.OPERATOR_KEY;
      assertThat(ask(store, "GET /admin/audit", key, "").statusCode()).isEqualTo(200);
      assertThat(ask(store, "GET /actuator/prometheus", key, "").statusCode()).isEqualTo(200);
    }
    assertThat(ask(us, "GET /imports/", RunningService.OPERATOR_KEY, "").statusCode())
        .isEqualTo(421);
    assertThat(ask(us, "GET /actuator/prometheus", RunningService.OPERATOR_KEY, "").body())
        .contains("imports_access_refused_total{reason=\"elsewhere\"}");
  }

  @Test
  void a_node_of_another_store_does_not_start_on_this_one() {
    assertThatThrownBy(() -> node(eu.database(), "us").close())
        .hasStackTraceContaining("the database of spring.datasource.url is the store eu");
  }

  @Test
  void a_node_that_is_told_no_store_does_not_serve_one_of_several() {
    assertWrong(
        eu, new PlacementProperties(null, null, Map.of(), Map.of()), "is the store eu: correct");
  }

  @Test
  void an_organization_stays_where_its_events_are_whatever_is_configured() throws Exception {
    String body = "{\"source\": \"csv_upload\"}";
    ask(us, "POST /imports/", us.newKey(OTHER), body);
    var moved = new PlacementProperties("us", "us", Map.of(OTHER.toString(), "eu"), STORES);
    assertWrong(us, moved, "has events of the organization " + OTHER);
    var onNone = new PlacementProperties("us", null, Map.of(NAMED.toString(), "eu"), STORES);
    assertWrong(us, onNone, "which is placed on no store");
    var stays = new PlacementProperties("us", "us", Map.of(NAMED.toString(), "eu"), STORES);
    new Placement(stays, us.owner()).requireRightStore();
  }

  private static void assertWrong(Store store, PlacementProperties settings, String told) {
    assertThatThrownBy(() -> new Placement(settings, store.owner()).requireRightStore())
        .hasMessageContaining(told);
  }

  /** With the key, or with the demo token in place of one. */
  private static HttpResponse<String> ask(
      Store store, String route, @Nullable String key, String body) throws Exception {
    String[] parts = route.split(" ", -1);
    String port = store.node().getEnvironment().getProperty("local.server.port");
    String type = parts[0].equals("PATCH") ? "application/merge-patch+json" : "application/json";
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + parts[1]))
            .method(
                parts[0],
                Set.of("GET", "HEAD", "DELETE").contains(parts[0])
                    ? BodyPublishers.noBody()
                    : BodyPublishers.ofString(body))
            .header("Content-Type", type);
    if (key == null) request.header("Authorization", "Bearer " + RunningService.demoToken());
    else request.header("X-API-Key", key);
    HttpRequest built = request.build();
    HttpResponse<String> answer = CLIENT.send(built, BodyHandlers.ofString());
    ApiContract.assertKept(built, answer);
    return answer;
  }
}
