package com.sdragent.imports.standalone;

import static com.sdragent.imports.standalone.RunningService.JSON;
import static com.sdragent.imports.standalone.RunningService.KEY;
import static com.sdragent.imports.standalone.RunningService.OPERATOR_KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.testservers.SecuredKafka;
import com.sdragent.imports.testservers.TestCertificate;
import com.sdragent.imports.testservers.TestPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.tools.AclCommand;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

/** A service all of whose connections are TLS, set up as infra/docs/tls.md says. */
@Timeout(90)
class TlsIT {
  private static final String PASSWORD = "let-imports-in";
  private static final Duration SOON = Duration.ofSeconds(30);

  private static TestCertificate ofServers;
  private static TestCertificate ofService;
  private static TestCertificate another;
  private static SecuredKafka kafka;
  private static TestPostgres.Database database;
  private static ConfigurableApplicationContext service;

  @BeforeAll
  static void start() {
    ofServers = TestCertificate.create();
    ofService = TestCertificate.create();
    another = TestCertificate.create();
    kafka = SecuredKafka.with(ofServers);
    TestPostgres.offerTls(ofServers);
    database = TestPostgres.freshDatabase();
    service =
        RunningService.start(
            database,
            "imports",
            true,
            "--imports.web.cors.allowed-origins=",
            "--management.server.port=0",
            "--spring.ssl.bundle.pem.web.keystore.certificate=" + ofService.certificate().toUri(),
            "--spring.ssl.bundle.pem.web.keystore.private-key=" + ofService.key().toUri(),
            "--spring.ssl.bundle.pem.web.reload-on-update=true",
            "--spring.ssl.bundle.watch.file.quiet-period=100ms",
            "--server.ssl.bundle=web",
            "--spring.datasource.hikari.data-source-properties.sslmode=verify-full",
            "--spring.datasource.hikari.data-source-properties.sslrootcert="
                + ofServers.certificate(),
            "--spring.kafka.bootstrap-servers=" + kafka.bootstrapServers(),
            "--spring.kafka.security.protocol=SASL_SSL",
            "--spring.kafka.ssl.trust-store-type=PEM",
            "--spring.kafka.ssl.trust-store-location=" + ofServers.certificate().toUri(),
            "--spring.kafka.properties.sasl.mechanism=SCRAM-SHA-512",
            "--spring.kafka.properties.sasl.jaas.config=" + login("imports"));
  }

  @AfterAll
  static void stop() {
    service.close();
    kafka.close();
    for (TestCertificate each : List.of(ofServers, ofService, another)) each.close();
  }

  @Test
  void kafka_takes_what_the_documented_rights_allow_and_the_relay_says_what_is_missing()
      throws Exception {
    HttpResponse<String> created = ask("POST", "/imports/", KEY, "{\"source\":\"s\"}");
    assertThat(created.statusCode()).isEqualTo(201);
    String id = JSON.readTree(created.body()).get("id").stringValue();
    assertThat(ask("GET", "/imports/" + id, KEY, null).body()).isEqualTo(created.body());
    awaitProblem("Authentication failed");
    allow(command -> !command.contains("replay"));
    kafka.admit("imports", PASSWORD);
    kafka.admit("billing", PASSWORD);

    try (var consumer = consumer("billing", ofServers, kafka.bootstrapServers())) {
      consumer.subscribe(List.of("imports.events"));
      var read = new ArrayList<ConsumerRecord<String, byte[]>>();
      await().atMost(SOON).until(() -> read.addAll(poll(consumer)) && !read.isEmpty());
      assertThat(read).extracting(ConsumerRecord::key).containsExactly(id);
    }
    JsonNode refusedReplay = ended(replay(id));
    assertThat(refusedReplay.get("state").stringValue()).isEqualTo("failed");
    assertThat(refusedReplay.get("error").stringValue())
        .contains("Kafka does not allow this node", "give it the rights");
    allow(command -> command.contains("replay"));
    assertThat(ended(replay(id)).get("state").stringValue()).isEqualTo("completed");

    assertThatThrownBy(
            () -> {
              try (var consumer = consumer("another group", ofServers, kafka.bootstrapServers())) {
                consumer.subscribe(List.of("imports.events"));
                while (true) poll(consumer);
              }
            })
        .isInstanceOf(GroupAuthorizationException.class);
    try (var producer =
        new KafkaProducer<>(
            client("billing", ofServers, kafka.bootstrapServers()),
            new StringSerializer(),
            new StringSerializer())) {
      assertThatThrownBy(
              () -> producer.send(new ProducerRecord<>("imports.events", "forged")).get())
          .rootCause()
          .isInstanceOf(AuthorizationException.class);
    }
    String elsewhere = kafka.bootstrapServers().replace("localhost", "127.0.0.1");
    for (var refused :
        List.of(
            client("billing", another, kafka.bootstrapServers()),
            client("billing", ofServers, elsewhere))) {
      assertThatThrownBy(
              () -> {
                try (var consumer =
                    new KafkaConsumer<>(
                        refused, new StringDeserializer(), new ByteArrayDeserializer())) {
                  consumer.partitionsFor("imports.events", SOON);
                }
              })
          .isInstanceOf(SslAuthenticationException.class);
    }
  }

  @Test
  void every_connection_to_postgresql_is_tls_and_checks_who_answers() throws SQLException {
    await()
        .untilAsserted(
            () ->
                assertThat(
                        RunningService.owner()
                            .queryForList(
                                """
                                select distinct s.ssl || ' ' || case when a.application_name
                                  like 'PostgreSQL JDBC%%' then 'pool' else a.application_name end
                                from pg_stat_activity a join pg_stat_ssl s using (pid)
                                where a.datname = '%s'
                                """
                                    .formatted(database.jdbcUrl().replaceFirst(".*/", "")),
                                String.class))
                    .hasSizeGreaterThanOrEqualTo(3)
                    .allMatch(session -> session.startsWith("true ")));
    DriverManager.getConnection(
            url("localhost", ofServers), database.username(), database.password())
        .close();
    refused("localhost", another, "PKIX path");
    refused("127.0.0.1", ofServers, "could not be verified by hostnameverifier");
  }

  /** As the tool is given it. */
  private static String url(String host, TestCertificate authority) {
    return database.jdbcUrl().replace("localhost", host)
        + "?sslmode=verify-full&sslrootcert="
        + authority.certificate();
  }

  private static void refused(String host, TestCertificate authority, String told) {
    String url = url(host, authority);
    assertThatThrownBy(
            () ->
                DriverManager.getConnection(url, database.username(), database.password()).close())
        .isInstanceOf(SQLException.class)
        .satisfies(e -> assertThat(e.getMessage() + e.getCause()).contains(told));
  }

  @Test
  void http_is_tls_alone_and_takes_a_renewed_certificate_without_a_restart() throws Exception {
    HttpRequest page = request("GET", "/v3/api-docs", null).build();
    try (HttpClient believing = client(another)) {
      assertThatThrownBy(() -> believing.send(page, BodyHandlers.ofString()))
          .isInstanceOf(SSLHandshakeException.class);
      URI plain = URI.create(page.uri().toString().replace("https:", "http:"));
      assertThat(
              believing
                  .send(HttpRequest.newBuilder(plain).build(), BodyHandlers.ofString())
                  .statusCode())
          .isEqualTo(400);
    }
    try (HttpClient believing = client(ofService)) {
      assertThat(believing.send(page, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
      URI elsewhere = URI.create(page.uri().toString().replace("localhost", "127.0.0.1"));
      assertThatThrownBy(
              () ->
                  believing.send(
                      HttpRequest.newBuilder(elsewhere).build(), BodyHandlers.ofString()))
          .isInstanceOf(SSLHandshakeException.class);
    }
    try (TestCertificate next = TestCertificate.create()) {
      ofService.becomes(next);
      await()
          .atMost(SOON)
          .ignoreException(SSLHandshakeException.class)
          .until(
              () -> {
                try (HttpClient believing = client(next)) {
                  return believing.send(page, BodyHandlers.ofString()).statusCode() == 200
                      && manage("/actuator/health").statusCode() > 0;
                }
              });
    }
  }

  @Test
  void a_management_port_needs_no_key_and_the_service_s_own_has_no_metrics_then() throws Exception {
    assertThat(manage("/actuator/prometheus").statusCode()).isEqualTo(200);
    assertThat(manage("/imports/").statusCode()).isNotEqualTo(200);
    assertThat(ask("GET", "/actuator/prometheus", KEY, null).statusCode()).isEqualTo(403);
    assertThat(ask("GET", "/actuator/prometheus", OPERATOR_KEY, null).statusCode()).isEqualTo(404);
  }

  @Test
  void without_allowed_origins_a_preflight_is_a_request_without_a_key() throws Exception {
    HttpRequest.Builder preflight =
        request("OPTIONS", "/imports/", null)
            .header("Origin", RunningService.PAGE)
            .header("Access-Control-Request-Method", "GET");
    try (HttpClient client = client(ofService)) {
      HttpResponse<String> answer = client.send(preflight.build(), BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
    }
  }

  /** Runs commands of the page. */
  private static void allow(Predicate<String> chosen) throws IOException {
    List<String> commands =
        Files.readAllLines(Path.of("..", "docs", "tls.md")).stream()
            .filter(line -> line.startsWith("kafka-acls "))
            .filter(chosen)
            .toList();
    assertThat(commands).isNotEmpty();
    Path nothing = Files.createTempFile("admin", ".properties");
    for (String command : commands) {
      AclCommand.main(
          command
              .replace("kafka.internal:9093", kafka.plainBootstrapServers())
              .replace("admin.properties", nothing.toString())
              .replaceFirst("kafka-acls ", "")
              .split(" ", -1));
    }
    Files.delete(nothing);
  }

  private static void awaitProblem(String problem) {
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(manage("/actuator/health").body()).contains(problem));
  }

  /** Asks for the events of an import again; the replay's address. */
  private static String replay(String id) throws IOException, InterruptedException {
    String wanted = "{\"target\":\"imports.replay.billing\",\"import_id\":\"" + id + "\"}";
    HttpResponse<String> asked = ask("POST", "/admin/replays", OPERATOR_KEY, wanted);
    return "/admin/replays/" + JSON.readTree(asked.body()).get("id").stringValue();
  }

  private static JsonNode ended(String replay) {
    return await()
        .atMost(SOON)
        .until(
            () -> JSON.readTree(ask("GET", replay, OPERATOR_KEY, null).body()),
            shown -> List.of("failed", "completed").contains(shown.get("state").stringValue()));
  }

  private static KafkaConsumer<String, byte[]> consumer(
      String group, TestCertificate authority, String servers) {
    var settings = client("billing", authority, servers);
    settings.put("group.id", group);
    settings.put("isolation.level", "read_committed");
    settings.put("auto.offset.reset", "earliest");
    return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
  }

  private static List<ConsumerRecord<String, byte[]>> poll(KafkaConsumer<String, byte[]> consumer) {
    var records = new ArrayList<ConsumerRecord<String, byte[]>>();
    consumer.poll(Duration.ofMillis(100)).forEach(records::add);
    return records;
  }

  private static Map<String, Object> client(
      String user, TestCertificate authority, String servers) {
    return new java.util.HashMap<>(
        Map.of(
            "bootstrap.servers",
            servers,
            "security.protocol",
            "SASL_SSL",
            "ssl.truststore.type",
            "PEM",
            "ssl.truststore.location",
            authority.certificate().toString(),
            "sasl.mechanism",
            "SCRAM-SHA-512",
            "sasl.jaas.config",
            login(user)));
  }

  private static String login(String user) {
    return "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";"
        .formatted(user, PASSWORD);
  }

  private static String port(String name) {
    return Objects.requireNonNull(service.getEnvironment().getProperty(name));
  }

  private static HttpResponse<String> manage(String path) throws IOException, InterruptedException {
    URI address = URI.create("https://localhost:" + port("local.management.port") + path);
    try (HttpClient client = client(ofService)) {
      HttpRequest.Builder request = HttpRequest.newBuilder(address);
      if (path.endsWith("health")) request.header("X-API-Key", OPERATOR_KEY);
      return client.send(request.build(), BodyHandlers.ofString());
    }
  }

  private static HttpResponse<String> ask(
      String method, String path, String key, @org.jspecify.annotations.Nullable String body)
      throws IOException, InterruptedException {
    try (HttpClient client = client(ofService)) {
      return client.send(
          request(method, path, body).header("X-API-Key", key).build(), BodyHandlers.ofString());
    }
  }

  private static HttpRequest.Builder request(
      String method, String path, @org.jspecify.annotations.Nullable String body) {
    var request =
        HttpRequest.newBuilder(URI.create("https://localhost:" + port("local.server.port") + path));
    return body == null
        ? request.method(method, BodyPublishers.noBody())
        : request
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body));
  }

  private static HttpClient client(TestCertificate authority) {
    try (var file = Files.newInputStream(authority.certificate())) {
      KeyStore believed = KeyStore.getInstance("PKCS12");
      believed.load(null, null);
      believed.setCertificateEntry(
          "authority", CertificateFactory.getInstance("X.509").generateCertificate(file));
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(believed);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .sslContext(context)
          .build();
    } catch (IOException | java.security.GeneralSecurityException e) {
      throw new IllegalStateException("No client", e);
    }
  }
}
