package com.sdragent.imports.standalone;

import com.sdragent.imports.access.keys.KeyEntry;
import com.sdragent.imports.access.keys.KeyTable;
import com.sdragent.imports.access.keys.KeyToken;
import com.sdragent.imports.access.keys.NewKey;
import com.sdragent.imports.testservers.TestKafka;
import com.sdragent.imports.testservers.TestPostgres;
import com.sdragent.imports.testservers.contract.ApiContract;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Both sides on the tests' PostgreSQL and Kafka, and a client that talks real HTTP to them. */
final class RunningService {
  static final String KEY = DemoAccess.API_KEY;
  static final String OTHER_KEY = "sk_of_another_organization";
  static final String READER_KEY = "sk_that_may_only_read";
  static final String WRITER_KEY = "sk_that_may_only_write";
  static final String AUDITOR_KEY = "sk_that_may_only_audit";
  static final String OTHER_AUDITOR_KEY = "sk_that_audits_another_organization";
  static final String ADMIN_KEY = "sk_of_an_administrator";
  static final String OTHER_ADMIN_KEY = "sk_of_another_administrator";
  static final String OPERATOR_KEY = "sk_of_an_operator";

  /** An organization whose keys may make two requests an hour each. */
  static final String LIMITED = "323e4567-e89b-12d3-a456-426614174000";

  /** One whose keys may make two requests an hour together. */
  static final String LIMITED_TOGETHER = "423e4567-e89b-12d3-a456-426614174000";

  /** The origin whose pages may ask. */
  static final String PAGE = "https://console.example";

  static final JsonMapper JSON = JsonMapper.builder().build();

  private static final DemoAccess DEMO = new DemoAccess();
  private static final TestPostgres.Database DATABASE = TestPostgres.freshDatabase();
  private static final ConfigurableApplicationContext CONTEXT = start();
  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private RunningService() {}

  /** The database as its owner sees it: what the service itself is refused. */
  static JdbcTemplate owner() {
    return new JdbcTemplate(
        new DriverManagerDataSource(DATABASE.jdbcUrl(), DATABASE.username(), DATABASE.password()));
  }

  /** The sessions of the role that reads for requests. */
  static DataSource reads() {
    return CONTEXT.getBean("readsDataSource", DataSource.class);
  }

  /** Without a relay: some tests store what no command could have caused, and relays stop there. */
  private static ConfigurableApplicationContext start() {
    return start(DATABASE, "contract", false);
  }

  /**
   * A service of one's own.
   *
   * @param settings such as {@code --name=value}, in place of those it would have
   */
  static ConfigurableApplicationContext start(
      TestPostgres.Database database, String topics, boolean relay, String... settings) {
    createServiceRole(database);
    var arguments = new LinkedHashMap<String, String>();
    for (String setting : defaults(database, topics, relay)) put(arguments, setting);
    for (String setting : settings) put(arguments, setting);
    return new SpringApplicationBuilder(StandaloneApplication.class)
        .initializers(
            context -> {
              var beans = (org.springframework.context.support.GenericApplicationContext) context;
              beans.registerBean(
                  org.springframework.security.oauth2.jwt.JwtDecoder.class, DEMO::decoder);
              beans.registerBean(ConnectionsIT.Waiting.class);
              beans.registerBean(WithoutPredicates.class);
            })
        .properties("spring.config.name=standalone")
        .run(arguments.values().toArray(String[]::new));
  }

  private static void put(Map<String, String> arguments, String setting) {
    arguments.put(setting.substring(0, setting.indexOf('=')), setting);
  }

  private static List<String> defaults(
      TestPostgres.Database database, String topics, boolean relay) {
    return List.of(
        "--server.port=0",
        "--imports.web.drain-time=0s",
        "--spring.datasource.url=" + database.jdbcUrl(),
        "--spring.datasource.username=imports_service",
        "--spring.datasource.password=service",
        "--imports.query.reads.password=" + TestPostgres.READS_PASSWORD,
        "--spring.flyway.user=" + database.username(),
        "--spring.flyway.password=" + database.password(),
        "--spring.kafka.bootstrap-servers=" + TestKafka.bootstrapServers(),
        "--imports.relay.events-topic=" + topics + ".events",
        "--imports.relay.state-topic=" + topics + ".state",
        "--imports.relay.position-topic=" + topics + ".relay",
        "--imports.relay.enabled=" + relay,
        "--imports.query.feed.heartbeat=1s",
        "--imports.web.header-timeout=2s",
        "--imports.web.body-timeout=2s",
        "--server.forward-headers-strategy=framework",
        "--imports.web.cors.allowed-origins=" + PAGE,
        "--imports.access.limits.organizations[0].organization=" + LIMITED,
        "--imports.access.limits.organizations[0].per-key.requests=2",
        "--imports.access.limits.organizations[0].per-key.window=1h",
        "--imports.access.limits.organizations[1].organization=" + LIMITED_TOGETHER,
        "--imports.access.limits.organizations[1].per-organization.requests=2",
        "--imports.access.limits.organizations[1].per-organization.window=1h",
        key(0, KEY, DemoAccess.ORGANIZATION, "imports:read,imports:write"),
        key(1, OTHER_KEY, "223e4567-e89b-12d3-a456-426614174000", "imports:read,imports:write"),
        key(2, READER_KEY, DemoAccess.ORGANIZATION, "imports:read"),
        key(3, WRITER_KEY, DemoAccess.ORGANIZATION, "imports:write"),
        key(4, AUDITOR_KEY, DemoAccess.ORGANIZATION, "imports:audit"),
        key(5, OTHER_AUDITOR_KEY, "223e4567-e89b-12d3-a456-426614174000", "imports:audit"),
        key(6, OPERATOR_KEY, DemoAccess.ORGANIZATION, "operator"),
        key(7, ADMIN_KEY, DemoAccess.ORGANIZATION, "imports:read,imports:audit,admin"),
        key(8, OTHER_ADMIN_KEY, "223e4567-e89b-12d3-a456-426614174000", "imports:read,admin"));
  }

  /** The service's role where the server is a container; the embedded one has it. */
  private static void createServiceRole(TestPostgres.Database database) {
    try (var connection = database.connect();
        var statement = connection.createStatement()) {
      statement.execute(
          """
          do $$ begin
            if not exists (select from pg_roles where rolname = 'imports_service') then
              create role imports_appender nologin;
              create role imports_projector nologin;
              create role imports_service login password 'service'
                in role imports_appender, imports_projector;
            end if;
          end $$
          """);
    } catch (java.sql.SQLException e) {
      throw new IllegalStateException("No role for the service", e);
    }
  }

  private static String key(int index, String key, String organization, String scopes) {
    System.setProperty("imports.access.api-keys[" + index + "].key", key);
    System.setProperty("imports.access.api-keys[" + index + "].organization", organization);
    System.setProperty("imports.access.api-keys[" + index + "].name", "key " + index);
    System.setProperty("imports.access.api-keys[" + index + "].scopes", scopes);
    return "--test.key" + index + "=";
  }

  /** A key of the database for the demo organization. */
  static String newKey(String... scopes) {
    return newKeyOf(DemoAccess.ORGANIZATION, scopes);
  }

  /** A key of the database for this organization. */
  static String newKeyOf(String organization, String... scopes) {
    KeyToken token = KeyToken.create("test");
    var key = new NewKey(UUID.fromString(organization), "a key", List.of(scopes), List.of(), null);
    owner()
        .execute(
            (ConnectionCallback<Optional<KeyEntry>>)
                connection -> KeyTable.create(connection, token, key, null));
    return token.secretText();
  }

  static int port() {
    return Integer.parseInt(
        String.valueOf(CONTEXT.getEnvironment().getProperty("local.server.port")));
  }

  static <T> T bean(Class<T> type) {
    return CONTEXT.getBean(type);
  }

  static String demoToken() {
    return DEMO.token();
  }

  static DemoAccess demo() {
    return DEMO;
  }

  /** A request without credentials. */
  static HttpRequest.Builder request(String method, String path) {
    return HttpRequest.newBuilder(URI.create("http://localhost:" + port() + path))
        .timeout(Duration.ofSeconds(20))
        .method(method, BodyPublishers.noBody());
  }

  static HttpResponse<String> send(HttpRequest.Builder request) {
    return send(request, BodyHandlers.ofString());
  }

  /** Sends it, and holds the answer against the API's document. */
  static <T> HttpResponse<T> send(HttpRequest.Builder request, BodyHandler<T> body) {
    HttpRequest built = request.build();
    try {
      HttpResponse<T> answer = CLIENT.send(built, body);
      ApiContract.assertKept(built, answer);
      return answer;
    } catch (IOException e) {
      throw new IllegalStateException("No answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted", e);
    }
  }

  /** Asks with the demo key. */
  static HttpResponse<String> ask(String method, String path) {
    return send(request(method, path).header("X-API-Key", KEY));
  }

  /** Sends JSON with the demo key. */
  static HttpResponse<String> ask(String method, String path, String body) {
    return send(
        request(method, path)
            .header("X-API-Key", KEY)
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body)));
  }

  static JsonNode json(HttpResponse<String> response) {
    return JSON.readTree(response.body());
  }

  /** The id of a new import of the demo organization. */
  static String newImport(Map<String, ?> fields) {
    HttpResponse<String> response = ask("POST", "/imports/", JSON.writeValueAsString(fields));
    if (response.statusCode() != 201) throw new IllegalStateException(response.body());
    return json(response).get("id").stringValue();
  }
}
