package com.sdragent.imports.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How the console's files are served: to everybody, whole, once, and under a strict policy. */
class ConsoleFilesIT {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private static HttpResponse<byte[]> get(String path, String... headers) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + RunningService.port() + path));
    if (headers.length > 0) request.headers(headers);
    return CLIENT.send(request.build(), BodyHandlers.ofByteArray());
  }

  private static String header(HttpResponse<?> answer, String name) {
    return String.join(", ", answer.headers().allValues(name));
  }

  @Test
  void the_policy_lets_the_console_s_own_files_run_and_nothing_else() throws Exception {
    HttpResponse<byte[]> page = get("/console/");
    assertThat(page.statusCode()).isEqualTo(200);
    String html = new String(page.body(), StandardCharsets.UTF_8);
    var hashes = new StringBuilder();
    for (MatchResult script :
        Pattern.compile("<script(?: type=\"importmap\")?>(.*?)</script>", Pattern.DOTALL)
            .matcher(html)
            .results()
            .toList()) {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(script.group(1).getBytes(StandardCharsets.UTF_8));
      hashes.append(" 'sha256-").append(Base64.getEncoder().encodeToString(hash)).append("'");
    }
    assertThat(hashes).isNotEmpty();
    assertThat(header(page, "Content-Security-Policy"))
        .isEqualTo(
            "default-src 'none'; script-src 'self'"
                + hashes
                + "; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none';"
                + " form-action 'none'; frame-ancestors 'none'; require-trusted-types-for"
                + " 'script'; trusted-types 'none'");
    assertThat(header(page, "Referrer-Policy")).isEqualTo("no-referrer");
    assertThat(header(page, "X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(html).doesNotContain("style=", "onclick", "http://", "https://");
  }

  @Test
  void every_file_that_the_page_names_is_there_compressed_and_kept_for_ever() throws Exception {
    String html = new String(get("/console/").body(), StandardCharsets.UTF_8);
    var named =
        Pattern.compile("(?:href|src|\": )=?\"(?:\\./)?(files/[^\"]+)\"")
            .matcher(html)
            .results()
            .map((MatchResult result) -> result.group(1))
            .toList();
    assertThat(named).hasSizeGreaterThan(10);
    for (String file : named) {
      HttpResponse<byte[]> answer = get("/console/" + file, "Accept-Encoding", "gzip");
      assertThat(answer.statusCode()).as(file).isEqualTo(200);
      assertThat(header(answer, "Cache-Control")).contains("max-age=31536000", "immutable");
      assertThat(header(answer, "Content-Encoding")).isEqualTo("gzip");
      // A script is asked for in more than one way, and has to be kept for all of them.
      assertThat(header(answer, "Vary")).isEqualTo("Accept-Encoding");
      HttpResponse<byte[]> plain = get("/console/" + file);
      assertThat(header(plain, "Content-Encoding")).isEmpty();
      // While nodes are replaced, parts of two versions would not fit.
      HttpResponse<byte[]> other = get("/console/" + file.replaceFirst("/[0-9a-f]{16}/", "/0/"));
      assertThat(other.statusCode()).isEqualTo(404);
    }
    assertThat(get("/console/files/0/nothing.js").statusCode()).isEqualTo(404);
    assertThat(get("/console/files/0/../index.html").statusCode()).isNotEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gzip|true",
        "br, GZIP|true",
        "gzip;q=0.5, br|true",
        "gzip; q=0.001|true",
        "*|true",
        "gzip;q=0|false",
        "gzip; q=0|false",
        "gzip ; Q=0.000, *|false",
        "*, gzip;q=0|false",
        "*;q=0|false",
        "x-nogzip|false",
        "gzip;q=x|false",
        "identity|false"
      })
  void a_file_is_compressed_for_who_takes_that(String accepted, boolean compressed)
      throws Exception {
    assertThat(header(get("/console/", "Accept-Encoding", accepted), "Content-Encoding"))
        .isEqualTo(compressed ? "gzip" : "");
  }

  @Test
  void the_page_is_asked_for_each_time_and_sent_only_when_it_is_another() throws Exception {
    HttpResponse<byte[]> page = get("/console/");
    assertThat(header(page, "Cache-Control")).contains("no-cache");
    HttpResponse<byte[]> again = get("/console/", "If-None-Match", header(page, "ETag"));
    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    HttpResponse<byte[]> folder = get("/console");
    assertThat(folder.statusCode()).isEqualTo(308);
    assertThat(header(folder, "Location")).isEqualTo("console/");
  }
}
