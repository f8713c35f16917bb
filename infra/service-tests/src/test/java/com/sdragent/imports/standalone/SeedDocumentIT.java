package com.sdragent.imports.standalone;

import static com.sdragent.imports.standalone.RunningService.JSON;
import static com.sdragent.imports.standalone.RunningService.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Sends every curl of the published document to the running service, as it stands there but for the
 * host and the id, and compares the answers with those of the document field by field.
 */
class SeedDocumentIT {
  private static final String DOCUMENTED_ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
  private static final List<Example> EXAMPLES = new ArrayList<>();

  /** A curl of the document and the JSON that the document shows next as its answer, if any. */
  private record Example(
      String method,
      String path,
      List<String> headers,
      @Nullable String body,
      @Nullable String answer) {}

  @BeforeAll
  static void readTheDocument() throws Exception {
    String document;
    try (InputStream file = SeedDocumentIT.class.getResourceAsStream("/imports-api.md")) {
      document = new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
    }
    Matcher curl =
        Pattern.compile("```bash\\n(curl .*?)```(.*?)(?=```bash|\\z)", Pattern.DOTALL)
            .matcher(document);
    while (curl.find()) EXAMPLES.add(example(curl.group(1), curl.group(2)));
  }

  private static Example example(String curl, String after) {
    Matcher first =
        Pattern.compile("curl -X (\\w+) \"https://api.sdragent.com([^\"]+)\"").matcher(curl);
    assertThat(first.find()).as(curl).isTrue();
    var headers = new ArrayList<String>();
    Matcher header = Pattern.compile("-H \"([^:]+): ([^\"]+)\"").matcher(curl);
    while (header.find()) {
      headers.add(header.group(1));
      headers.add(header.group(2));
    }
    Matcher body = Pattern.compile("-d '(.*)'", Pattern.DOTALL).matcher(curl);
    Matcher answer =
        Pattern.compile("Example Response.*?```json\\n(.*?)```", Pattern.DOTALL).matcher(after);
    return new Example(
        first.group(1),
        first.group(2),
        headers,
        body.find() ? body.group(1) : null,
        answer.find() ? answer.group(1) : null);
  }

  @Test
  void the_document_has_the_six_examples_that_are_sent_here() {
    assertThat(EXAMPLES)
        .extracting(example -> example.method() + " " + example.path())
        .containsExactly(
            "POST /imports/",
            "POST /imports/",
            "GET /imports/?status=completed",
            "GET /imports/" + DOCUMENTED_ID,
            "PUT /imports/" + DOCUMENTED_ID,
            "DELETE /imports/" + DOCUMENTED_ID);
  }

  @Test
  void create_answers_201_with_the_documented_import() {
    HttpResponse<String> response = send(EXAMPLES.get(0), DOCUMENTED_ID);

    assertThat(response.statusCode()).isEqualTo(201);
    JsonNode created = json(response);
    assertSame(documented(EXAMPLES.get(0)), created);
    assertThat(created.get("updated_at")).isEqualTo(created.get("created_at"));
    assertThat(response.headers().firstValue("Location"))
        .contains("/imports/" + created.get("id").stringValue());
  }

  @Test
  void create_with_the_documented_campaign_that_is_not_hexadecimal_is_a_400() {
    HttpResponse<String> response = send(EXAMPLES.get(1), DOCUMENTED_ID);

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body())
        .isEqualTo("{\"detail\":\"Validation error: campaign_id must be a UUID or null\"}");
  }

  @Test
  void list_by_status_answers_200_with_the_documented_import() {
    String id = completed();

    HttpResponse<String> response = send(EXAMPLES.get(2), id);

    assertThat(response.statusCode()).isEqualTo(200);
    JsonNode list = json(response);
    assertThat(list.isArray()).isTrue();
    assertThat(list).allMatch(item -> item.get("status").stringValue().equals("completed"));
    JsonNode listed = null;
    for (JsonNode item : list) if (item.get("id").stringValue().equals(id)) listed = item;
    assertSame(documented(EXAMPLES.get(2)).get(0), Objects.requireNonNull(listed));
  }

  @Test
  void get_answers_200_with_the_documented_import() {
    String id = completed();

    HttpResponse<String> response = send(EXAMPLES.get(3), id);

    assertThat(response.statusCode()).isEqualTo(200);
    assertSame(documented(EXAMPLES.get(3)), json(response));
    assertThat(json(response).get("id").stringValue()).isEqualTo(id);
  }

  @Test
  void update_answers_200_with_the_documented_import() {
    String id = created();

    HttpResponse<String> response = send(EXAMPLES.get(4), id);

    assertThat(response.statusCode()).isEqualTo(200);
    assertSame(documented(EXAMPLES.get(4)), json(response));
    assertThat(time(json(response), "updated_at")).isAfter(time(json(response), "created_at"));
  }

  @Test
  void delete_answers_200_with_the_documented_message() {
    String id = created();

    HttpResponse<String> response = send(EXAMPLES.get(5), id);

    assertThat(response.statusCode()).isEqualTo(200);
    String expected = Objects.requireNonNull(EXAMPLES.get(5).answer()).replace(DOCUMENTED_ID, id);
    assertThat(json(response)).isEqualTo(JSON.readTree(expected));
  }

  @Test
  void the_documented_errors_are_answered_to_the_letter() {
    HttpResponse<String> missing = RunningService.ask("POST", "/imports/", "{}");
    assertThat(missing.statusCode()).isEqualTo(400);
    assertThat(json(missing))
        .isEqualTo(JSON.readTree("{\"detail\": \"Validation error: source field is required\"}"));

    HttpResponse<String> stranger = RunningService.send(RunningService.request("GET", "/imports/"));
    assertThat(stranger.statusCode()).isEqualTo(401);
    assertThat(json(stranger))
        .isEqualTo(
            JSON.readTree("{\"detail\": \"Invalid or missing authentication credentials\"}"));
  }

  @Test
  void every_command_of_the_readme_s_tour_gets_what_the_tour_says() throws IOException {
    String readme = Files.readString(Path.of("../../README.md"));
    String tour = readme.substring(readme.indexOf("## A tour"), readme.indexOf("## How it works"));
    Matcher step =
        Pattern.compile("(?m)^(ID=|curl (?:[^\n'\"\\\\]|\\\\\n|'[^']*'|\"[^\"]*\")*)")
            .matcher(tour);
    String id = "";
    String answer = "";
    var statuses = new ArrayList<Integer>();
    while (step.find()) {
      if (step.group().equals("ID=")) {
        id = JSON.readTree(answer).get("id").stringValue();
        continue;
      }
      String command =
          step.group().replace("$ID", id).replace("$KEY", "X-API-Key: " + RunningService.KEY);
      HttpResponse<String> response = sendCurl(command);
      answer = response.body();
      Matcher said = Pattern.compile("# (\\d{3}) ").matcher(command);
      int wanted = said.find() ? Integer.parseInt(said.group(1)) : response.statusCode();
      assertThat(response.statusCode()).as(command).isEqualTo(wanted);
      // The last one shows how a mistake is named.
      if (!command.contains("statsu")) assertThat(wanted).as(command + answer).isLessThan(400);
      statuses.add(wanted);
    }
    assertThat(answer).contains("statsu is not known, the nearest is status");
    assertThat(statuses).hasSize(11).contains(304).endsWith(400);
  }

  /** Does what a shell would do with this command. */
  private static HttpResponse<String> sendCurl(String command) {
    List<String> words = new ArrayList<>();
    Matcher word = Pattern.compile("'([^']*)'|\"([^\"]*)\"|([^\\s\\\\]+)").matcher(command);
    while (word.find()) {
      words.add(
          Stream.of(1, 2, 3).map(word::group).filter(Objects::nonNull).findFirst().orElse(""));
    }
    String url = words.stream().filter(one -> one.startsWith("http:")).findFirst().orElseThrow();
    int body = words.indexOf("-d");
    int method = words.indexOf("-X");
    HttpRequest.Builder request =
        RunningService.request("GET", url.replace("http://localhost:8080", ""));
    for (int i = 0; i < words.size(); i++) {
      if (!words.get(i).equals("-H")) continue;
      String[] header = words.get(i + 1).split(": ", 2);
      request.header(header[0], header[1]);
    }
    request.method(
        method < 0 ? "GET" : words.get(method + 1),
        body < 0 ? BodyPublishers.noBody() : BodyPublishers.ofString(words.get(body + 1)));
    return RunningService.send(request);
  }

  private static String completed() {
    String id = created();
    RunningService.ask("PUT", "/imports/" + id, "{\"status\":\"completed\"}");
    return id;
  }

  private static String created() {
    return json(send(EXAMPLES.get(0), DOCUMENTED_ID)).get("id").stringValue();
  }

  private static HttpResponse<String> send(Example example, String id) {
    HttpRequest.Builder request =
        RunningService.request(example.method(), example.path().replace(DOCUMENTED_ID, id))
            .headers(example.headers().toArray(String[]::new));
    if (example.body() != null) {
      request.method(example.method(), BodyPublishers.ofString(example.body()));
    }
    return RunningService.send(request);
  }

  private static JsonNode documented(Example example) {
    return JSON.readTree(Objects.requireNonNull(example.answer()));
  }

  /**
   * Same fields in the same order, same values but for ids and times, which must be well formed.
   */
  private static void assertSame(JsonNode expected, JsonNode actual) {
    assertThat(actual.propertyNames()).containsExactlyElementsOf(expected.propertyNames());
    for (String field : expected.propertyNames()) {
      switch (field) {
        case "id" -> assertThat(UUID.fromString(actual.get(field).stringValue())).isNotNull();
        case "created_at", "updated_at" -> assertThat(time(actual, field)).isNotNull();
        default -> assertThat(actual.get(field)).as(field).isEqualTo(expected.get(field));
      }
    }
  }

  private static Instant time(JsonNode node, String field) {
    String text = node.get(field).stringValue();
    assertThat(text).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,6})?Z");
    return Instant.parse(text);
  }
}
