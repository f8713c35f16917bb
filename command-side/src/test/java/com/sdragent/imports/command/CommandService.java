package com.sdragent.imports.command;

import com.sdragent.imports.testservers.HandMadeEvents;
import com.sdragent.imports.testservers.TestKafka;
import com.sdragent.imports.testservers.TestPostgres;
import com.sdragent.imports.testservers.contract.ApiContract;
import com.sdragent.imports.testservers.contract.Exchange;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.UUID;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpRequest;
import org.springframework.http.MediaType;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.util.StreamUtils;
import org.springframework.web.client.RestClient;
import tools.jackson.databind.JsonNode;

/** A node of the command side in this process, on a database and topics of its own. */
public final class CommandService implements AutoCloseable {
  /** The key that it lets in. */
  public static final String KEY = "sk_of_the_command_side";

  /** The organization that the key belongs to. */
  public static final UUID ORGANIZATION = UUID.fromString("123e4567-e89b-12d3-a456-426614174000");

  private final TestPostgres.Database database;
  private final ConfigurableApplicationContext context;

  /** Starts it on a database that is empty. */
  public CommandService(String... settings) {
    this(TestPostgres.freshDatabase(), settings);
  }

  /**
   * Starts it beside others on this database, with which it shares the topics.
   *
   * @param settings Spring properties such as {@code --name=value}, in place of those it would have
   */
  public CommandService(TestPostgres.Database database, String... settings) {
    this.database = database;
    var arguments = new LinkedHashMap<String, String>();
    arguments.put("--server.port", "0");
    arguments.put("--imports.web.drain-time", "0s");
    arguments.put("--logging.level.root", "warn");
    arguments.put("--spring.datasource.url", database.jdbcUrl());
    arguments.put("--spring.datasource.username", database.username());
    arguments.put("--spring.datasource.password", database.password());
    arguments.put("--spring.kafka.bootstrap-servers", TestKafka.bootstrapServers());
    arguments.put("--imports.relay.replication-factor", "1");
    arguments.put("--imports.relay.events-topic", topics(database) + ".events");
    arguments.put("--imports.relay.state-topic", topics(database) + ".state");
    arguments.put("--imports.relay.position-topic", topics(database) + ".relay");
    arguments.put("--imports.access.api-keys[0].key", KEY);
    arguments.put("--imports.access.api-keys[0].organization", ORGANIZATION.toString());
    arguments.put("--imports.access.api-keys[0].name", "test");
    arguments.put("--imports.access.api-keys[0].scopes", "imports:read,imports:write,operator");
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      arguments.put(setting.substring(0, equals), setting.substring(equals + 1));
    }
    context =
        new SpringApplicationBuilder(CommandSideApplication.class)
            .properties("spring.config.name=command-side")
            .run(
                arguments.entrySet().stream()
                    .map(argument -> argument.getKey() + "=" + argument.getValue())
                    .toArray(String[]::new));
  }

  private static String topics(TestPostgres.Database database) {
    return database.jdbcUrl().replaceFirst("^.*/([^?]+).*$", "$1");
  }

  /** Lets a test store what no command could have caused. */
  public CommandService allowingHandMadeEvents() {
    HandMadeEvents.allowIn(database);
    return this;
  }

  /** The topic that its relay fills. */
  public String eventsTopic() {
    return property("imports.relay.events-topic");
  }

  private String property(String name) {
    return context.getEnvironment().getRequiredProperty(name);
  }

  /** Where it listens. */
  public String url() {
    return "http://localhost:" + context.getEnvironment().getProperty("local.server.port");
  }

  /** Asks it with the key, and holds the answers against the API's document. */
  public RestClient client() {
    return RestClient.builder()
        .baseUrl(url())
        .defaultHeader("X-API-Key", KEY)
        .bufferContent((_, _) -> true)
        .requestInterceptor(CommandService::exchange)
        .build();
  }

  private static ClientHttpResponse exchange(
      HttpRequest request, byte[] body, ClientHttpRequestExecution rest) throws IOException {
    ClientHttpResponse answer = rest.execute(request, body);
    URI target = request.getURI();
    ApiContract.assertKept(
        new Exchange(
            request.getMethod().name(),
            target.getRawPath() + (target.getRawQuery() == null ? "" : "?" + target.getRawQuery()),
            headers(request.getHeaders()),
            body.length == 0 ? null : new String(body, StandardCharsets.UTF_8),
            answer.getStatusCode().value(),
            headers(answer.getHeaders()),
            StreamUtils.copyToString(answer.getBody(), StandardCharsets.UTF_8)));
    return answer;
  }

  private static java.net.http.HttpHeaders headers(HttpHeaders headers) {
    var map = new HashMap<String, List<String>>();
    headers.forEach(map::put);
    return java.net.http.HttpHeaders.of(map, (_, _) -> true);
  }

  /** Creates an import and returns its id. */
  public String create() {
    return client()
        .post()
        .uri("/imports/")
        .contentType(MediaType.APPLICATION_JSON)
        .body("{\"source\":\"HubSpot\",\"file_name\":\"a.csv\"}")
        .retrieve()
        .requiredBody(JsonNode.class)
        .required("id")
        .stringValue();
  }

  /** One of its beans. */
  public <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  @Override
  public void close() {
    context.close();
  }
}
