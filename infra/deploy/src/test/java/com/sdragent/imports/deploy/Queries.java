package com.sdragent.imports.deploy;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the board and the alerts ask Prometheus, by where it stands. */
final class Queries {
  static final Path ALERTS = Path.of("prometheus", "alerts.yaml");
  private static final Path BOARD = Path.of("grafana", "dashboard.json");

  private Queries() {}

  static Map<String, String> ofTheBoard() {
    var queries = new LinkedHashMap<String, String>();
    for (JsonNode panel : board().get("panels")) {
      for (JsonNode target : panel.path("targets")) {
        queries.put(
            panel.get("title").stringValue() + " " + target.get("refId").stringValue(),
            target.get("expr").stringValue());
      }
    }
    return queries;
  }

  static JsonNode board() {
    return JsonMapper.shared().readTree(BOARD);
  }

  @SuppressWarnings("unchecked")
  static List<Map<String, Object>> alerts() {
    try (var file = Files.newBufferedReader(ALERTS)) {
      Map<String, List<Map<String, Object>>> content = new Yaml().load(file);
      Map<String, Object> group = requireNonNull(content.get("groups")).getFirst();
      return (List<Map<String, Object>>) requireNonNull(group.get("rules"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The alerts without their thresholds: what they look at, whether it is well or not. */
  static Map<String, String> ofTheAlerts() {
    var queries = new LinkedHashMap<String, String>();
    for (Map<String, Object> alert : alerts()) {
      String whole = String.valueOf(alert.get("expr"));
      String watched = whole.replaceFirst(" (?:>|<|==) [0-9.]+$", "");
      if (watched.equals(whole)) throw new IllegalStateException(whole + " has no threshold");
      queries.put(String.valueOf(alert.get("alert")), watched);
    }
    return queries;
  }
}
