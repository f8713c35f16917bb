package com.sdragent.imports.standalone;

import static com.sdragent.imports.standalone.RunningService.AUDITOR_KEY;
import static com.sdragent.imports.standalone.RunningService.OPERATOR_KEY;
import static com.sdragent.imports.standalone.RunningService.ask;
import static com.sdragent.imports.standalone.RunningService.json;
import static com.sdragent.imports.standalone.RunningService.newImport;
import static com.sdragent.imports.standalone.RunningService.request;
import static com.sdragent.imports.standalone.RunningService.send;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.loops.ThisNode;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What operators are told of the whole: how far it is, who works, and what proves the past. */
class StatusIT {
  @Test
  void projections_are_told_with_their_lag_and_who_keeps_them_current() {
    String id = newImport(Map.of("source", "s"));
    // Once this is answered, the projection of imports has all events.
    assertThat(ask("GET", "/imports/" + id).statusCode()).isEqualTo(200);
    JsonNode now = operator("/admin/projections");
    assertThat(now.get("node").stringValue()).isEqualTo(ThisNode.name());
    assertThat(now.get("head").longValue()).isPositive();
    JsonNode imports =
        now.get("projections")
            .valueStream()
            .filter(one -> one.get("name").stringValue().equals("imports"))
            .findFirst()
            .orElseThrow();
    assertThat(imports.get("position").longValue() + imports.get("lag_events").longValue())
        .isEqualTo(now.get("head").longValue());
    assertThat(imports.get("active_node").stringValue()).isEqualTo(ThisNode.name());
    assertThat(imports.get("state").stringValue()).isEqualTo("active");
    assertThat(imports.get("problem").isNull()).isTrue();
  }

  @Test
  void a_relay_that_is_off_is_told_as_off_with_all_that_it_has_not_published() {
    newImport(Map.of("source", "s"));
    JsonNode now = operator("/admin/publication");
    assertThat(now.get("state").stringValue()).isEqualTo("off");
    assertThat(now.get("active_node").isNull()).isTrue();
    assertThat(now.get("position").isNull()).isTrue();
    assertThat(now.get("lag_events")).isEqualTo(now.get("head"));
    assertThat(now.get("lag_seconds").doubleValue()).isPositive();
    JsonNode place =
        json(
            send(
                request("GET", "/publication?import_id=" + UUID.randomUUID())
                    .header("X-API-Key", AUDITOR_KEY)));
    assertThat(place.get("events_topic").stringValue()).isEqualTo("contract.events");
    assertThat(place.get("partition").isNull()).isTrue();
    assertThat(place.get("key")).isEqualTo(place.get("import_id"));
  }

  @Test
  void verifications_are_told_page_by_page_the_latest_first() {
    for (int i = 1; i <= 3; i++) {
      RunningService.owner()
          .update(
              "insert into verification (kind, from_position, position, hash, compared, findings,"
                  + " first_finding) values ('verify', 1, ?, sha256(''), true, ?, ?)",
              900 + i,
              i - 1,
              i == 1 ? null : "edited at position " + i);
    }
    HttpResponse<String> page =
        send(request("GET", "/admin/verifications?limit=2").header("X-API-Key", OPERATOR_KEY));
    assertThat(json(page).valueStream().map(one -> one.get("position").longValue()))
        .containsExactly(903L, 902L);
    JsonNode last = json(page).get(0);
    assertThat(last.get("findings").intValue()).isEqualTo(2);
    assertThat(last.get("first_finding").stringValue()).isEqualTo("edited at position 3");
    assertThat(last.get("login").stringValue()).isNotEmpty();
    assertThat(last.get("hash").stringValue())
        .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    String next =
        page.headers().firstValue("Link").orElseThrow().replaceAll("<(.*)>; rel=\"next\"", "$1");
    assertThat(operator("/admin/" + next).get(0).get("position").longValue()).isEqualTo(901);
  }

  @Test
  void a_checkpoint_is_held_against_its_signature_its_store_and_its_event() throws Exception {
    for (int i = 0; i < 3; i++) newImport(Map.of("source", "s"));
    KeyPair mine = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    KeyPair other = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    long head = operator("/admin/projections").get("head").longValue();
    String first = checkpoint(mine, 1, head - 1, hash(head - 1), null);
    String second = checkpoint(mine, 1, head, hash(head), digest(first));

    JsonNode right = check(first + "\n" + second + "\n", mine);
    assertThat(right.get("ok").booleanValue()).as(right.toString()).isTrue();
    assertThat(right.get("covered").longValue()).isEqualTo(head);
    assertThat(told(right, 0)).isEqualTo("valid true same null");
    assertThat(told(right, 1)).isEqualTo("valid true same true");

    JsonNode unchecked = check(second, other);
    assertThat(unchecked.get("ok").booleanValue()).isFalse();
    assertThat(unchecked.get("covered").longValue()).isZero();
    assertThat(told(unchecked, 0)).isEqualTo("unchecked true same null");
    assertThat(told(check(second), 0)).isEqualTo("unchecked true same null");

    String changed = second.replace("\"position\":" + head, "\"position\":" + (head - 1));
    assertThat(told(check(changed, mine), 0)).isEqualTo("invalid true other null");
    String rewritten = checkpoint(mine, 1, head, hash(head - 1), null);
    assertThat(told(check(rewritten, mine), 0)).isEqualTo("valid true other null");
    String cut = checkpoint(mine, 1, head + 1_000_000, hash(head), null);
    assertThat(told(check(cut, mine), 0)).isEqualTo("valid true missing null");
    String elsewhere = checkpoint(mine, 2, head, hash(head), null);
    assertThat(told(check(elsewhere, mine), 0)).isEqualTo("valid false same null");
    String unlinked = checkpoint(mine, 1, head, hash(head), "0".repeat(64));
    assertThat(told(check(first + unlinked, mine), 1)).isEqualTo("valid true same false");
  }

  @Test
  void a_checkpoint_of_the_first_format_says_nothing_that_it_does_not_sign() throws Exception {
    newImport(Map.of("source", "s"));
    KeyPair mine = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    Signature signature = Signature.getInstance("Ed25519");
    signature.initSign(mine.getPrivate());
    String time = "2026-01-31T00:00:00Z";
    signature.update(("imports-checkpoint/1\n1\n" + hash(1) + "\n" + time + "\n").getBytes(UTF_8));
    String signed = Base64.getEncoder().encodeToString(signature.sign());
    String first =
        "{\"format\":\"imports-checkpoint/1\",\"position\":1,\"hash\":\"%s\",\"time\":\"%s\",\"signature\":\"%s\"}"
            .formatted(hash(1), time, signed);
    assertThat(told(check(first, mine), 0)).isEqualTo("valid null same null");
    // One that is put behind a newer one was not signed there.
    long head = operator("/admin/projections").get("head").longValue();
    JsonNode behind = check(checkpoint(mine, 1, head, hash(head), null) + "\n" + first, mine);
    assertThat(told(behind, 1)).isEqualTo("valid null same false");
    assertThat(behind.get("ok").booleanValue()).isFalse();
    String more = first.replace("\"position\"", "\"store\":\"" + hash(1) + "\",\"position\"");
    assertThat(
            post(RunningService.JSON.writeValueAsString(Map.of("checkpoints", more))).statusCode())
        .isEqualTo(400);
  }

  @Test
  void a_body_that_is_no_checkpoint_is_a_400_that_says_so() {
    assertThat(post("{}").body()).contains("checkpoints field is required");
    assertThat(post("{\"checkpoints\":\"{}\",\"public_keys\":[\"x\"],\"key\":1}").body())
        .contains(
            "checkpoints must be the text of a file that imports-tool checkpoint has written;"
                + " public_keys must be a list of at most 10 public keys of Ed25519 in PEM; key is"
                + " not known");
  }

  private static String told(JsonNode outcome, int index) {
    JsonNode one = outcome.get("checkpoints").get(index);
    return "%s %s %s %s"
        .formatted(
            one.get("signature").stringValue(),
            one.get("same_store"),
            one.get("event").stringValue(),
            one.get("follows"));
  }

  static String hash(long position) {
    return String.valueOf(
        RunningService.owner()
            .queryForObject(
                "select encode(hash, 'hex') from domain_event where position = ?",
                String.class,
                position));
  }

  /** As hash-chain.md describes it. */
  private static String signed(
      String store, long position, String hash, String key, @Nullable String previous) {
    return String.join(
        "\n",
        "imports-checkpoint/2",
        store,
        Long.toString(position),
        hash,
        "2026-01-31T00:00:00Z",
        key,
        previous == null ? "-" : previous,
        "");
  }

  static String checkpoint(
      KeyPair pair, long storeAt, long position, String hash, @Nullable String previous)
      throws Exception {
    String store = hash(storeAt);
    String key =
        HexFormat.of()
            .formatHex(MessageDigest.getInstance("SHA-256").digest(pair.getPublic().getEncoded()));
    Signature signature = Signature.getInstance("Ed25519");
    signature.initSign(pair.getPrivate());
    signature.update(signed(store, position, hash, key, previous).getBytes(UTF_8));
    return "{\"format\":\"imports-checkpoint/2\",\"store\":\"%s\",\"position\":%s,\"hash\":\"%s\",\"time\":\"2026-01-31T00:00:00Z\",\"key\":\"%s\",%s\"signature\":\"%s\"}"
        .formatted(
            store,
            position,
            hash,
            key,
            previous == null ? "" : "\"previous\":\"" + previous + "\",",
            Base64.getEncoder().encodeToString(signature.sign()));
  }

  private static String digest(String checkpoint) throws Exception {
    JsonNode one = RunningService.JSON.readTree(checkpoint);
    String text =
        signed(
                one.get("store").stringValue(),
                one.get("position").longValue(),
                one.get("hash").stringValue(),
                one.get("key").stringValue(),
                null)
            + one.get("signature").stringValue()
            + "\n";
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
  }

  private static JsonNode check(String file, KeyPair... keys) {
    var pems = new ArrayList<String>();
    for (KeyPair pair : keys) {
      pems.add(
          "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n"
              .formatted(Base64.getEncoder().encodeToString(pair.getPublic().getEncoded())));
    }
    HttpResponse<String> answer =
        post(
            RunningService.JSON.writeValueAsString(
                Map.of("checkpoints", file, "public_keys", List.copyOf(pems))));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return json(answer);
  }

  private static HttpResponse<String> post(String body) {
    return send(
        request("POST", "/admin/checkpoints/check")
            .header("X-API-Key", OPERATOR_KEY)
            .header("Content-Type", "application/json")
            .method("POST", BodyPublishers.ofString(body)));
  }

  private static JsonNode operator(String path) {
    HttpResponse<String> answer = send(request("GET", path).header("X-API-Key", OPERATOR_KEY));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return json(answer);
  }
}
