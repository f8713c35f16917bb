package com.sdragent.imports.query;

import com.sdragent.imports.access.keys.KeyEntry;
import com.sdragent.imports.access.keys.KeyTable;
import com.sdragent.imports.access.keys.KeyToken;
import com.sdragent.imports.access.keys.NewKey;
import com.sdragent.imports.testservers.HandMadeEvents;
import com.sdragent.imports.testservers.TestPostgres;
import com.sdragent.imports.testservers.contract.ApiContract;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A node of the query side in this process, and a store that a test fills by hand. */
public final class QueryService implements AutoCloseable {
  /** The organization of its key and of all that is appended. */
  public static final UUID ORGANIZATION = UUID.fromString("123e4567-e89b-12d3-a456-426614174000");

  /** Of another organization, which may read and audit. */
  public static final String OTHER_KEY = "sk_of_another_organization";

  /** Of that key. */
  public static final UUID OTHER_ORGANIZATION =
      UUID.fromString("223e4567-e89b-12d3-a456-426614174000");

  private static final String KEY = "sk_of_the_query_side";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final TestPostgres.Database database;
  private final ConfigurableApplicationContext context;
  private final JdbcTemplate store;
  private final HttpClient http = HttpClient.newHttpClient();

  /**
   * Starts it on a database that is empty.
   *
   * @param settings Spring properties such as {@code --name=value}
   */
  public QueryService(String... settings) {
    this(TestPostgres.freshDatabase(), settings);
  }

  /**
   * Starts it on a database that there is.
   *
   * @param settings Spring properties such as {@code --name=value}
   */
  public QueryService(TestPostgres.Database database, String... settings) {
    this.database = database;
    store =
        new JdbcTemplate(
            new DriverManagerDataSource(
                database.jdbcUrl(), database.username(), database.password()));
    Stream<String> fixed =
        Stream.of(
            "--server.port=0",
            "--imports.web.drain-time=0s",
            "--logging.level.root=warn",
            "--spring.datasource.url=" + database.jdbcUrl(),
            "--spring.datasource.username=" + database.username(),
            "--spring.datasource.password=" + database.password(),
            "--imports.query.reads.username=" + TestPostgres.READS_USERNAME,
            "--imports.query.reads.password=" + TestPostgres.READS_PASSWORD,
            "--imports.access.api-keys[0].key=" + KEY,
            "--imports.access.api-keys[0].organization=" + ORGANIZATION,
            "--imports.access.api-keys[0].name=test",
            "--imports.access.api-keys[0].scopes=imports:read,imports:audit,operator",
            "--imports.access.api-keys[1].key=" + OTHER_KEY,
            "--imports.access.api-keys[1].organization=" + OTHER_ORGANIZATION,
            "--imports.access.api-keys[1].name=other",
            "--imports.access.api-keys[1].scopes=imports:read,imports:audit");
    context =
        new SpringApplicationBuilder(QuerySideApplication.class)
            .properties("spring.config.name=query-side", "spring.application.name=query-side")
            .run(
                Stream.concat(fixed.filter(one -> !isAmong(one, settings)), Stream.of(settings))
                    .toArray(String[]::new));
    HandMadeEvents.allowIn(database);
  }

  /** Whether a property is set: Spring would take both values together. */
  private static boolean isAmong(String setting, String[] settings) {
    String name = setting.substring(0, setting.indexOf('=') + 1);
    return Stream.of(settings).anyMatch(other -> other.startsWith(name));
  }

  /** The database, as its owner sees it. */
  public JdbcTemplate store() {
    return store;
  }

  /** Where its database is. */
  public TestPostgres.Database database() {
    return database;
  }

  /** Appends the creation of an import and returns its position. */
  public long create(UUID id) {
    return append(
        id,
        0,
        "ImportCreated",
        1,
        """
        {"import_id": "%s", "org_id": "%s", "campaign_id": null, "source": "csv", "source_label": "csv",
         "file_name": null, "status": "pending", "total_rows": 1, "occurred_at": "2024-10-06T12:00:00Z"}
        """
            .formatted(id, ORGANIZATION));
  }

  /** Appends the creations of so many imports of an organization in one transaction. */
  public void createAtOnce(int imports, UUID organization) {
    createAtOnce(imports, organization, null);
  }

  /** The same, with this name of a file. */
  public void createAtOnce(int imports, UUID organization, @Nullable String fileName) {
    store.update(
        """
        insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type, revision,
                                  organization, occurred_at, payload, metadata)
        select head + n, id, 0, gen_random_uuid(), 'ImportCreated', 1, o, at,
               json_build_object('import_id', id, 'org_id', o, 'campaign_id', null, 'source', 'csv',
                 'source_label', 'csv', 'file_name', f, 'status', 'pending', 'total_rows', n,
                 'occurred_at', '2024-10-06T12:00:00Z'), '{}'
        from (select n, gen_random_uuid() as id, ?::text as f, ?::uuid as o, timestamptz '2024-10-06 12:00:00Z' as at,
                     (select coalesce(max(position), 0) from domain_event) as head
              from generate_series(1, ?) n) one
        """,
        fileName,
        organization,
        imports);
    store.execute("notify domain_event");
  }

  /** Appends an event, of a type that this version knows or not, and returns its position. */
  public long append(UUID id, int sequence, String type, int revision, String payload) {
    return append(id, sequence, type, revision, payload, "{}");
  }

  /** Appends an event with this metadata, which no command would write if it is no object. */
  public long append(
      UUID id, int sequence, String type, int revision, String payload, String metadata) {
    Long position =
        store.queryForObject(
            """
            insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type, revision,
                                      organization, occurred_at, payload, metadata)
            values ((select coalesce(max(position), 0) + 1 from domain_event), ?, ?, gen_random_uuid(), ?, ?, ?,
                    timestamptz '2024-10-06 12:00:00Z' + ? * interval '1 second', ?::json, ?::json)
            returning position
            """,
            Long.class,
            id,
            sequence,
            type,
            revision,
            ORGANIZATION,
            sequence,
            payload,
            metadata);
    store.query("select pg_notify('domain_event', ?)", _ -> {}, String.valueOf(position));
    return position == null ? 0 : position;
  }

  /** Asks with a key that may read, audit and operate. */
  public HttpResponse<String> ask(String method, String path, String... headers) {
    return askAs(KEY, method, path, headers);
  }

  /** Asks with this key. */
  public HttpResponse<String> askAs(String key, String method, String path, String... headers) {
    return send(key, method, path, BodyHandlers.ofString(), headers);
  }

  /** Adds a key of the organization to the database, which may read and audit. */
  public void addKey(String key) {
    KeyToken token = KeyToken.parse(key).orElseThrow();
    var added =
        new NewKey(
            ORGANIZATION, "a test", List.of("imports:read", "imports:audit"), List.of(), null);
    store.execute(
        (ConnectionCallback<Optional<KeyEntry>>)
            connection -> KeyTable.create(connection, token, added, null));
  }

  /** Revokes a key of the database. */
  public void revokeKey(String key) {
    String id = KeyToken.parse(key).orElseThrow().id();
    store.execute(
        (ConnectionCallback<Optional<KeyEntry>>)
            connection -> KeyTable.revoke(connection, id, null));
  }

  /** A connection that has sent a request with this key, without reading the answer. */
  public Socket open(String key, String path, String... headers) {
    try {
      var socket = new Socket();
      // A small window, so that the service feels how slowly it is read.
      socket.setReceiveBufferSize(1 << 14);
      socket.connect(new InetSocketAddress("localhost", URI.create(url()).getPort()));
      String more = Stream.of(headers).map(header -> header + "\r\n").collect(Collectors.joining());
      socket
          .getOutputStream()
          .write(
              ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nX-API-Key: " + key + "\r\n")
                  .concat(more + "\r\n")
                  .getBytes(StandardCharsets.ISO_8859_1));
      return socket;
    } catch (IOException e) {
      throw new IllegalStateException("No connection", e);
    }
  }

  /** A stream of server-sent events, with the same key. */
  public InputStream stream(String path) {
    return stream(KEY, path);
  }

  /** A stream of server-sent events, with this key. */
  public InputStream stream(String key, String path) {
    return send(key, "GET", path, BodyHandlers.ofInputStream(), "Accept", "text/event-stream")
        .body();
  }

  private <T> HttpResponse<T> send(
      String key, String method, String path, BodyHandler<T> body, String... headers) {
    var request =
        HttpRequest.newBuilder(URI.create(url() + path))
            .timeout(Duration.ofSeconds(20))
            .header("X-API-Key", key)
            .method(method, BodyPublishers.noBody());
    if (headers.length > 0) request.headers(headers);
    HttpRequest built = request.build();
    try {
      HttpResponse<T> answer = http.send(built, body);
      ApiContract.assertKept(built, answer);
      return answer;
    } catch (IOException e) {
      throw new IllegalStateException("No answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The body of an answer. */
  public static JsonNode json(HttpResponse<String> response) {
    return JSON.readTree(response.body());
  }

  private String url() {
    return "http://localhost:" + context.getEnvironment().getProperty("local.server.port");
  }

  /** Whether it takes new connections. */
  public boolean accepts() {
    URI address = URI.create(url());
    try (var _ = new Socket(address.getHost(), address.getPort())) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** One of its beans. */
  public <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  @Override
  public void close() {
    context.close();
    http.close();
  }
}
