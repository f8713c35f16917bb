package com.sdragent.imports.standalone;

import static com.sdragent.imports.standalone.RunningService.request;
import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.access.keys.KeyToken;
import com.sdragent.imports.testservers.contract.ApiContract;
import com.sdragent.imports.testservers.contract.GeneratedRequests;
import com.sdragent.imports.testservers.contract.GeneratedRequests.Generated;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Requests that are generated from the API's document, with each scope and without one: the service
 * never fails, answers as the document says, and does nothing that the credential does not allow.
 */
class GeneratedRequestsIT {
  private static final Duration SOAK = Duration.ofMinutes(10);
  private static final int CLIENTS = 8;
  private static final int SHORT = 2_000;
  private static final String ORGANIZATION = "623e4567-e89b-12d3-a456-426614174000";
  private static final Map<String, LongAdder> ANSWERS = new ConcurrentHashMap<>();
  private static final List<Credential> CREDENTIALS = new ArrayList<>();

  /** A credential, and the operations that it may do, by the beginnings of their ids. */
  private record Credential(String name, @Nullable String key, Set<String> allowed) {
    boolean allows(String operation) {
      return operation.equals("getCaller") || allowed.stream().anyMatch(operation::startsWith);
    }
  }

  @BeforeAll
  static void credentials() {
    Set<String> read = Set.of("listImports", "countImports", "summarizeImports", "getImport");
    Set<String> write = Set.of("createImport", "updateImport", "patchImport", "deleteImport");
    // A past, which is a parameter of reads, belongs to the history.
    Set<String> audit =
        Set.of("getImport", "getEvents", "listImports", "countImports", "getPublicationPlace");
    Set<String> admin =
        Set.of(
            "createApiKey", "listApiKeys", "getApiKey", "revokeApiKey", "rotateApiKey", "getAudit");
    Set<String> operator =
        Set.of(
            "getAuditOfAll",
            "getPublicationStatus",
            "getProjectionStatuses",
            "listVerifications",
            "checkCheckpoints",
            "listRebuilds",
            "startRebuild",
            "getRebuild",
            "cancelRebuild",
            "listParked",
            "discardParked",
            "retryParked",
            "listReplays",
            "startReplay",
            "getReplay",
            "cancelReplay");
    CREDENTIALS.add(new Credential("read", key("imports:read"), read));
    CREDENTIALS.add(new Credential("write", key("imports:write"), write));
    CREDENTIALS.add(new Credential("audit", key("imports:audit"), audit));
    CREDENTIALS.add(new Credential("admin", key("admin"), admin));
    CREDENTIALS.add(new Credential("operator", RunningService.OPERATOR_KEY, operator));
    CREDENTIALS.add(new Credential("no key", null, Set.of()));
    CREDENTIALS.add(new Credential("wrong key", KeyToken.create("test").secretText(), Set.of()));
  }

  /** Not of the organization whose imports other tests count. */
  private static String key(String... scopes) {
    return RunningService.newKeyOf(ORGANIZATION, scopes);
  }

  @AfterAll
  static void end() {
    // A rebuild that still runs would be in the way of other tests.
    RunningService.send(
        request("DELETE", "/admin/projections/imports/rebuild")
            .header("X-API-Key", RunningService.OPERATOR_KEY));
    RunningService.send(
        request("DELETE", "/admin/projections/summary/rebuild")
            .header("X-API-Key", RunningService.OPERATOR_KEY));
  }

  @Test
  void generated_requests_are_answered_as_the_document_says() throws Exception {
    assertAnswered(20261127, sent -> sent < SHORT / CLIENTS);
  }

  @Test
  @Tag("soak")
  void ten_minutes_of_generated_requests_are_answered_as_the_document_says() throws Exception {
    long seed = System.nanoTime();
    long end = seed + SOAK.toNanos();
    assertAnswered(seed, _ -> System.nanoTime() < end);
    // These come too seldom for a short run.
    assertThat(ANSWERS.keySet()).anyMatch(one -> one.startsWith("createApiKey 201"));
    assertThat(ANSWERS.keySet()).anyMatch(one -> one.startsWith("startReplay 202"));
  }

  private static void assertAnswered(long seed, LongPredicate more) throws Exception {
    ANSWERS.clear();
    var requests = new GeneratedRequests(seed);
    try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      var ends = new ArrayList<Future<?>>();
      for (int client = 0; client < CLIENTS; client++) {
        GeneratedRequests own = requests.others(seed + client);
        int first = client;
        ends.add(
            clients.submit(
                () -> {
                  for (int sent = 0; more.test(sent); sent++) {
                    Generated generated = own.next();
                    // Of four requests, three are allowed: otherwise most answers would be 403.
                    int turn = (int) ((first + sent) % CREDENTIALS.size());
                    Credential any = CREDENTIALS.get(turn);
                    send(sent % 4 == 0 ? any : allowed(generated, any), generated, own);
                  }
                }));
      }
      for (Future<?> end : ends) end.get();
    } finally {
      System.out.println("Seed " + seed + ", answers: " + new TreeMap<>(ANSWERS));
    }
    // Each kind of answer came, so that the others mean something.
    assertThat(ANSWERS.keySet()).anyMatch(one -> one.startsWith("createImport 201"));
    assertThat(ANSWERS.keySet()).anyMatch(one -> one.startsWith("getImport 200"));
  }

  private static Credential allowed(Generated generated, Credential otherwise) {
    String operation = ApiContract.operationId(generated.method(), generated.target());
    return CREDENTIALS.stream()
        .filter(one -> operation != null && one.allows(operation))
        .findFirst()
        .orElse(otherwise);
  }

  private static void send(Credential credential, Generated generated, GeneratedRequests requests) {
    HttpRequest.Builder request = request(generated.method(), generated.target());
    if (!generated.headers().isEmpty()) {
      request.headers(generated.headers().toArray(String[]::new));
    }
    if (credential.key() != null) request.header("X-API-Key", credential.key());
    if (generated.body() != null) {
      request.method(generated.method(), BodyPublishers.ofString(generated.body()));
    }
    // What is not as the document says is thrown there.
    HttpResponse<String> answer = RunningService.send(request);
    String operation = ApiContract.operationId(generated.method(), generated.target());
    ANSWERS
        .computeIfAbsent(operation + " " + answer.statusCode(), _ -> new LongAdder())
        .increment();
    String what = credential.name() + " " + generated + "\n" + answer.body();
    assertThat(answer.statusCode()).as(what).isNotEqualTo(500);
    if (answer.statusCode() < 300 && operation != null && !generated.method().equals("OPTIONS")) {
      assertThat(credential.allows(operation)).as(what).isTrue();
    }
    if (credential.allowed().isEmpty())
      assertThat(answer.statusCode()).as(what).isBetween(400, 417);
    requests.learn(generated.target(), answer.body());
  }
}
