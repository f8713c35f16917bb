package com.sdragent.imports.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.benchmarks.ImportsClient.Answer;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.testservers.ServiceProcess;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Command-side and query-side as processes of their own, several of them, on one database. */
class ClusterIT {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final String[] STATUSES = {"pending", "processing", "completed", "failed"};

  private static Cluster cluster;

  @BeforeAll
  static void startTheNodes() {
    cluster = new Cluster(2, 1, Map.of("logging.structured.format.console", "ecs"));
  }

  @AfterAll
  static void stopTheNodes() {
    cluster.close();
  }

  @Test
  void two_nodes_that_write_for_32_clients_leave_no_gap_in_store_read_model_and_topic()
      throws Exception {
    int imports = Cluster.size(1_000, 5_000);
    int clients = 32;
    try (var client = new ImportsClient(Cluster.KEY, clients)) {
      // Some imports are fought over by all clients and both nodes.
      List<String> shared = new ArrayList<>();
      for (int i = 0; i < 4; i++) shared.add(create(client, cluster.commands(i), i));

      List<Integer> created =
          Clients.act(
              clients,
              number -> {
                var random = new Random(20241006 + number);
                int count = (imports - shared.size()) / clients + 1;
                for (int i = 0; i < count; i++) live(client, cluster, random, shared);
                return count;
              });

      assertThat(created.stream().mapToInt(count -> count).sum() + shared.size())
          .isGreaterThanOrEqualTo(imports);
      Audit audit = cluster.audit();
      List<Audit.Stored> events = audit.assertStoreHasNoGap();
      Map<UUID, Active> fold = audit.assertReadModelEqualsFold();
      audit.assertTopicHoldsEveryEventOnceAndInOrder();
      // Other tests leave imports of another organization.
      fold.values().removeIf(one -> !one.orgId().equals(UUID.fromString(Cluster.ORGANIZATION)));
      assertThat(listed(client, cluster)).isEqualTo(fold);
      System.out.printf(
          "Two command nodes: %,d events of %,d imports, %,d left%n",
          events.size(), imports, fold.size());
    }
  }

  @Test
  void no_client_reads_a_stale_answer_when_both_sides_are_processes_of_their_own()
      throws Exception {
    int loops = Cluster.size(480, 2_000);
    int clients = 16;
    try (var client = new ImportsClient(Cluster.OTHER_KEY, clients)) {
      List<Integer> done =
          Clients.act(
              clients,
              number -> {
                for (int i = 0; i < loops / clients; i++) loop(client, cluster, number);
                return loops / clients;
              });
      assertThat(done.stream().mapToInt(count -> count).sum()).isEqualTo(loops);
    }
  }

  @Test
  void a_node_whose_cache_is_stale_decides_on_what_the_import_is() throws Exception {
    try (var client = new ImportsClient(Cluster.OTHER_KEY, 2)) {
      int before = cluster.audit().assertStoreHasNoGap().size();
      String one = cluster.commands(0);
      String other = cluster.commands(1);

      String changed = create(client, one, 0);
      assertThat(client.send("PUT", other + changed, "{\"status\":\"completed\"}").status())
          .isEqualTo(200);
      // The cache still shows pending, so that this looks like no change.
      Answer back = client.send("PUT", one + changed, "{\"status\":\"pending\"}");
      assertThat(back.status()).isEqualTo(200);
      assertThat(back.json().get("status").stringValue()).isEqualTo("pending");
      Answer now = client.send("PUT", other + changed, "{}");
      assertThat(now.json()).isEqualTo(back.json());

      String emptied = create(client, one, 0);
      assertThat(client.send("DELETE", other + emptied, null).status()).isEqualTo(200);
      Answer nothing = client.send("PUT", one + emptied, "{}");
      assertThat(nothing.status()).isEqualTo(404);
      assertThat(nothing.body()).isEqualTo("{\"detail\":\"Import not found\"}");

      String deleted = create(client, one, 0);
      assertThat(client.send("DELETE", other + deleted, null).status()).isEqualTo(200);
      assertThat(client.send("DELETE", one + deleted, null).status()).isEqualTo(404);
      assertThat(client.send("DELETE", other + deleted, null).status()).isEqualTo(404);

      assertThat(client.send("DELETE", one + changed, null).status()).isEqualTo(200);

      // created, completed, pending, deleted; created, deleted; created, deleted
      assertThat(cluster.audit().assertStoreHasNoGap()).hasSize(before + 8);
    }
  }

  @Test
  void a_node_whose_cache_is_stale_judges_if_match_by_what_the_import_is() throws Exception {
    try (var client = new ImportsClient(Cluster.OTHER_KEY, 1)) {
      String one = cluster.commands(0);
      String other = cluster.commands(1);
      String id = create(client, one, 0);
      assertThat(changed(other, id, "\"0\"", "{\"total_rows\":1}").statusCode()).isEqualTo(200);
      // The cache of this node still has version 0.
      var second = changed(one, id, "\"1\"", "{\"total_rows\":2}");
      assertThat(second.statusCode()).isEqualTo(200);
      assertThat(second.headers().firstValue("ETag")).contains("\"2\"");
      // And that of the other has version 1, with which this would store something.
      assertThat(changed(other, id, "\"1\"", "{\"total_rows\":3}").statusCode()).isEqualTo(412);
      assertThat(changed(other, id, "\"2\"", "{\"total_rows\":3}").statusCode()).isEqualTo(200);
      // And here this would store nothing.
      assertThat(changed(one, id, "\"2\"", "{\"total_rows\":2}").statusCode()).isEqualTo(412);
    }
  }

  @Test
  void clients_that_change_what_they_saw_lose_no_change_of_another_on_two_nodes() throws Exception {
    int clients = 8;
    int changes = Cluster.size(25, 500);
    try (var client = new ImportsClient(Cluster.OTHER_KEY, clients)) {
      String id = create(client, cluster.commands(0), 0);
      Clients.act(
          clients,
          number -> {
            for (int done = 0; done < changes; ) {
              var seen = sent(cluster.queries(number), id, "GET", "", null);
              long rows = JSON.readTree(seen.body()).get("total_rows").longValue();
              String version = seen.headers().firstValue("ETag").orElseThrow();
              String more = "{\"total_rows\":%s}".formatted(rows + 1);
              int status = changed(cluster.commands(number), id, version, more).statusCode();
              assertThat(status).isIn(200, 412);
              if (status == 200) done++;
            }
            return changes;
          });
      var last = sent(cluster.queries(0), id, "GET", "", null);
      assertThat(JSON.readTree(last.body()).get("total_rows").longValue())
          .isEqualTo((long) clients * changes);
      assertThat(last.headers().firstValue("ETag")).contains("\"" + clients * changes + "\"");
    }
  }

  private static HttpResponse<String> changed(
      String node, String id, String version, String changes) throws Exception {
    return sent(node, id, "PUT", changes, version);
  }

  private static HttpResponse<String> sent(
      String node, String id, String method, String body, @Nullable String ifMatch)
      throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(node + id))
            .header("X-API-Key", Cluster.OTHER_KEY)
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body));
    if (ifMatch != null) request.header("If-Match", ifMatch);
    return HTTP.send(request.build(), BodyHandlers.ofString());
  }

  @Test
  void nobody_comes_in_with_the_demo_key() {
    try (var client = new ImportsClient("sk_live_1234567890abcdef", 1)) {
      assertThat(client.send("GET", cluster.queries(0), null).status()).isEqualTo(401);
      assertThat(client.send("POST", cluster.commands(0), "{\"source\":\"s\"}").status())
          .isEqualTo(401);
    }
  }

  @Test
  void logs_are_json_on_request() {
    for (ServiceProcess node : List.of(cluster.commandNodes.get(0), cluster.queryNodes.get(0))) {
      List<JsonNode> lines = node.output().lines().map(JSON::readTree).toList();
      assertThat(lines)
          .isNotEmpty()
          .allMatch(line -> line.has("@timestamp") && line.has("message"));
    }
  }

  /** The life of one import: created, changed a few times on either node, sometimes deleted. */
  private static void live(
      ImportsClient client, Cluster cluster, Random random, List<String> shared) {
    String id = create(client, cluster.commands(random.nextInt(2)), random.nextInt(1_000));
    for (int change = random.nextInt(3); change > 0; change--) {
      assertThat(
              client.send("PUT", cluster.commands(random.nextInt(2)) + id, change(random)).status())
          .isEqualTo(200);
    }
    if (random.nextInt(10) == 0) {
      String fought = shared.get(random.nextInt(shared.size()));
      assertThat(
              client
                  .send("PUT", cluster.commands(random.nextInt(2)) + fought, change(random))
                  .status())
          .isEqualTo(200);
    }
    if (random.nextInt(4) == 0) {
      Answer deleted = client.send("DELETE", cluster.commands(random.nextInt(2)) + id, null);
      assertThat(deleted.status()).isEqualTo(200);
    }
  }

  private static String change(Random random) {
    var fields = new HashMap<String, Object>();
    fields.put("status", STATUSES[random.nextInt(STATUSES.length)]);
    fields.put("total_rows", random.nextInt(1_000_000));
    if (random.nextBoolean()) fields.put("campaign_id", UUID.randomUUID().toString());
    return JSON.writeValueAsString(fields);
  }

  private static void loop(ImportsClient client, Cluster cluster, int number) {
    String commands = cluster.commands(number);
    String queries = cluster.queries(number);
    Answer created =
        client.send("POST", commands, "{\"source\":\"hubspot\",\"total_rows\":" + number + "}");
    assertThat(created.status()).isEqualTo(201);
    String id = created.json().get("id").stringValue();

    assertThat(client.send("GET", queries + id, null).json()).isEqualTo(created.json());
    assertThat(inList(client.send("GET", queries, null), id)).isEqualTo(created.json());

    Answer updated = client.send("PUT", commands + id, "{\"status\":\"completed\"}");
    assertThat(updated.status()).isEqualTo(200);
    assertThat(client.send("GET", queries + id, null).json()).isEqualTo(updated.json());

    assertThat(client.send("DELETE", commands + id, null).status()).isEqualTo(200);
    assertThat(client.send("GET", queries + id, null).status()).isEqualTo(404);
    assertThat(inList(client.send("GET", queries, null), id)).isNull();
  }

  private static @org.jspecify.annotations.Nullable JsonNode inList(Answer list, String id) {
    assertThat(list.status()).isEqualTo(200);
    for (JsonNode row : list.json()) {
      if (row.get("id").stringValue().equals(id)) return row;
    }
    return null;
  }

  private static String create(ImportsClient client, String url, int rows) {
    Answer created =
        client.send("POST", url, "{\"source\":\"csv_upload\",\"total_rows\":" + rows + "}");
    assertThat(created.status()).as(created.body()).isEqualTo(201);
    return created.json().get("id").stringValue();
  }

  private static Map<UUID, Active> listed(ImportsClient client, Cluster cluster) {
    var rows = new HashMap<UUID, Active>();
    var ids = new HashSet<UUID>();
    for (JsonNode row : client.send("GET", cluster.queries(0), null).json()) {
      Active active = JSON.treeToValue(row, Active.class);
      assertThat(ids.add(active.id())).isTrue();
      rows.put(active.id(), active);
    }
    return rows;
  }
}
