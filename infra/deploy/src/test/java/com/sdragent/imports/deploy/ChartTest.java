package com.sdragent.imports.deploy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/** The chart, rendered by helm itself and read as Kubernetes would read it. */
class ChartTest {
  private static final Path CHART = Path.of("chart");
  private static final Path EVERYTHING = CHART.resolve("ci/everything-values.yaml");

  /** These models would keep what they do not know instead of refusing it. */
  private static final ObjectMapper REFUSING =
      new ObjectMapper()
          .setAnnotationIntrospector(
              new JacksonAnnotationIntrospector() {
                @Override
                public Boolean hasAnySetter(Annotated member) {
                  return false;
                }
              });

  private static TemplateCommand least() {
    return new Helm(CHART)
        .template()
        .withName("imports")
        // helm gives hooks to nobody but the cluster
        .set("migration.hook", "false")
        .set("database.url", "jdbc:postgresql://db/imports")
        .set("kafka.bootstrapServers", "kafka:9092");
  }

  private static TemplateCommand everything() {
    return new Helm(CHART)
        .template()
        .withName("imports")
        .set("migration.hook", "false")
        .withValuesFile(EVERYTHING);
  }

  private static List<Map<String, Object>> render(String values) {
    return documents((values.equals("least") ? least() : everything()).call());
  }

  private static List<Map<String, Object>> documents(String text) {
    var documents = new ArrayList<Map<String, Object>>();
    for (Object document : new Yaml().loadAll(text)) {
      if (document != null) documents.add(map(document));
    }
    return documents;
  }

  @Test
  void helm_finds_nothing_to_complain_of() {
    var result = new Helm(CHART).lint().strict().call();
    assertThat(result.isFailed()).as(() -> result.getMessages().toString()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"least", "everything"})
  void what_is_rendered_is_what_kubernetes_defines(String values) throws Exception {
    List<Map<String, Object>> documents = render(values);
    assertThat(documents)
        .extracting(document -> document.get("kind"))
        .contains("Deployment", "Service", "Job", "PodDisruptionBudget", "NetworkPolicy")
        .contains("HTTPRoute");
    for (Map<String, Object> document : documents) assertDefined(document);
  }

  @Test
  void autoscaling_is_by_requests_and_by_what_is_behind() {
    assertThat(render("least")).noneMatch(is("HorizontalPodAutoscaler"));
    assertThat(render("everything"))
        .filteredOn(is("HorizontalPodAutoscaler"))
        .hasSize(2)
        .allSatisfy(
            scaler ->
                assertThat(scaler.toString())
                    .contains("imports_requests_per_second", "_lag_seconds"))
        .allSatisfy(scaler -> assertThat(scaler.toString()).contains("minReplicas=2"));
  }

  @Test
  void autoscaling_that_is_only_enabled_is_by_requests_alone() {
    String text =
        least()
            .set("command.autoscaling.enabled", "true")
            .set("query.autoscaling.enabled", "true")
            .call();
    assertThat(documents(text))
        .filteredOn(is("HorizontalPodAutoscaler"))
        .hasSize(2)
        .allSatisfy(
            scaler ->
                assertThat(list(map(scaler.get("spec")).get("metrics")))
                    .singleElement()
                    .asString()
                    .contains("imports_requests_per_second"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"least", "everything"})
  void the_management_port_is_not_open_to_the_whole_cluster(String values) {
    var peers =
        render(values).stream()
            .filter(is("NetworkPolicy"))
            .flatMap(
                policy -> list(map(policy.get("spec")).getOrDefault("ingress", List.of())).stream())
            .filter(rule -> rule.toString().contains("9090"))
            .map(rule -> list(rule.get("from")))
            .toList();
    assertThat(peers)
        .hasSize(2)
        .allSatisfy(
            from ->
                assertThat(from)
                    .isNotEmpty()
                    .allSatisfy(
                        peer -> assertThat(peer.values()).doesNotContain(Map.of()).isNotEmpty()));
  }

  @Test
  void a_field_that_kubernetes_does_not_know_is_found() {
    Map<String, Object> service =
        render("least").stream().filter(is("Service")).findFirst().orElseThrow();
    map(service.get("spec")).put("port", 80);
    assertThatThrownBy(() -> assertDefined(service)).hasMessageContaining("port");
    Map<String, Object> route =
        render("least").stream().filter(is("HTTPRoute")).findFirst().orElseThrow();
    map(route.get("spec")).put("host", "imports.example");
    assertThatThrownBy(() -> assertDefined(route)).hasMessageContaining("host");
  }

  @ParameterizedTest
  @ValueSource(strings = {"least", "everything"})
  void every_container_is_confined_and_reads_its_passwords_from_secrets(String values) {
    List<Map<String, Object>> pods =
        render(values).stream()
            .map(document -> map(document.getOrDefault("spec", Map.of())).get("template"))
            .filter(template -> template != null)
            .map(template -> map(map(template).get("spec")))
            .toList();
    assertThat(pods).hasSize(3);
    for (Map<String, Object> pod : pods) {
      assertThat(pod.get("automountServiceAccountToken")).isEqualTo(false);
      assertThat(map(pod.get("securityContext")))
          .containsEntry("runAsNonRoot", true)
          .containsEntry("seccompProfile", Map.of("type", "RuntimeDefault"));
      for (Map<String, Object> container : containers(pod)) {
        assertThat(map(container.get("securityContext")))
            .containsEntry("readOnlyRootFilesystem", true)
            .containsEntry("allowPrivilegeEscalation", false)
            .containsEntry("capabilities", Map.of("drop", List.of("ALL")));
        assertThat(map(container.get("resources"))).containsKeys("requests", "limits");
        assertThat(list(container.get("env")))
            .filteredOn(variable -> String.valueOf(variable.get("name")).contains("PASSWORD"))
            .isNotEmpty()
            .allSatisfy(variable -> assertThat(variable).containsOnlyKeys("name", "valueFrom"));
      }
    }
  }

  @Test
  void only_the_job_that_migrates_holds_the_owners_password() {
    for (Map<String, Object> document : render("least")) {
      assertThat(document.toString().contains("imports-owner"))
          .as(String.valueOf(document.get("kind")))
          .isEqualTo(String.valueOf(document.get("kind")).equals("Job"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "database.url, mysql://db/imports",
    "kafka.bootstrapServers, kafka",
    "command.replicas, many",
    "command.replica, 3",
    "image.registry, registry.example"
  })
  void a_value_that_makes_no_sense_is_refused(String name, String value) {
    assertThatThrownBy(() -> least().set(name, value).call())
        .hasMessageContaining(name.substring(name.indexOf('.') + 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"clients", "monitoring"})
  void no_peers_at_all_which_would_be_everybody_is_refused(String peers, @TempDir Path folder)
      throws IOException {
    Path values = folder.resolve("values.yaml");
    Files.writeString(values, "networkPolicy: {" + peers + ": []}");
    assertThatThrownBy(() -> least().withValuesFile(values).call()).hasMessageContaining(peers);
  }

  @Test
  void what_only_the_operator_knows_is_asked_for() {
    TemplateCommand without = new Helm(CHART).template().withName("imports");
    assertThatThrownBy(without::call).hasMessageContaining("database.url is needed");
    without.set("database.url", "jdbc:postgresql://db/imports");
    assertThatThrownBy(without::call).hasMessageContaining("kafka.bootstrapServers is needed");
  }

  private static void assertDefined(Map<String, Object> document) throws Exception {
    JsonElement json = new Gson().toJsonTree(document);
    String version = String.valueOf(document.get("apiVersion"));
    String kind = String.valueOf(document.get("kind"));
    if (version.startsWith("gateway.networking.k8s.io/")) {
      REFUSING.readValue(json.toString(), HTTPRoute.class);
      return;
    }
    Class<?> model =
        Class.forName(
            "io.kubernetes.client.openapi.models."
                + version.substring(version.indexOf('/') + 1).replaceFirst("^v", "V")
                + kind);
    try {
      model.getMethod("validateJsonElement", JsonElement.class).invoke(null, json);
    } catch (InvocationTargetException e) {
      throw new AssertionError(kind + ": " + requireNonNull(e.getCause()).getMessage(), e);
    }
  }

  private static Predicate<Map<String, Object>> is(String kind) {
    return document -> kind.equals(document.get("kind"));
  }

  private static List<Map<String, Object>> containers(Map<String, Object> pod) {
    var containers = new ArrayList<>(list(pod.get("containers")));
    if (pod.containsKey("initContainers")) containers.addAll(list(pod.get("initContainers")));
    return containers;
  }

  private static List<Map<String, Object>> list(@Nullable Object value) {
    return StreamSupport.stream(((Iterable<?>) requireNonNull(value)).spliterator(), false)
        .map(ChartTest::map)
        .toList();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(@Nullable Object value) {
    return (Map<String, Object>) requireNonNull(value);
  }
}
