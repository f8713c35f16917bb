package com.sdragent.imports.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The board and the alerts say what they mean, and look at what the service tells. */
class BoardsTest {
  private static final Path OPERATIONS = Path.of("..", "docs", "operations.md");

  @Test
  void each_alert_names_a_severity_a_summary_and_a_runbook_that_there_is() throws IOException {
    Set<String> sections =
        Files.readAllLines(OPERATIONS).stream()
            .filter(line -> line.startsWith("### Imports"))
            .map(line -> line.substring("### ".length()))
            .collect(Collectors.toCollection(TreeSet::new));
    List<String> names = new ArrayList<>();
    for (Map<String, Object> alert : Queries.alerts()) {
      String name = String.valueOf(alert.get("alert"));
      names.add(name);
      assertThat(String.valueOf(alert.get("labels")))
          .as(name)
          .matches("\\{severity=(critical|warning|info)}");
      assertThat(String.valueOf(alert.get("annotations")))
          .as(name)
          .contains(
              "summary=", "runbook_url=infra/docs/operations.md#" + name.toLowerCase(Locale.ROOT));
    }
    assertThat(sections).containsExactlyInAnyOrderElementsOf(names);
  }

  @Test
  void every_metric_of_the_service_that_is_asked_for_is_documented() throws IOException {
    Set<String> documented = new HashSet<>();
    for (String line : Files.readAllLines(OPERATIONS)) {
      if (line.startsWith("| `imports_"))
        matches("`(imports_[a-z_]+)`", line).forEach(documented::add);
    }
    assertThat(documented).hasSizeGreaterThan(10);
    Stream.concat(
            Queries.ofTheBoard().entrySet().stream(), Queries.ofTheAlerts().entrySet().stream())
        .forEach(
            query ->
                assertThat(
                        matches("\\b(imports_[a-z_]+)\\b", query.getValue())
                            .map(name -> name.replaceFirst("_(bucket|count|sum)$", "")))
                    .as(query.getKey())
                    .isSubsetOf(documented));
  }

  @Test
  void panels_have_ids_of_their_own_and_do_not_overlap() {
    Set<Integer> ids = new HashSet<>();
    Set<String> cells = new HashSet<>();
    for (JsonNode panel : Queries.board().get("panels")) {
      assertThat(ids.add(panel.get("id").intValue())).as(panel.get("title").stringValue()).isTrue();
      JsonNode position = panel.get("gridPos");
      for (int x = 0; x < position.get("w").intValue(); x++) {
        for (int y = 0; y < position.get("h").intValue(); y++) {
          assertThat(
                  cells.add(
                      (position.get("x").intValue() + x)
                          + ","
                          + (position.get("y").intValue() + y)))
              .as(panel.get("title").stringValue())
              .isTrue();
        }
      }
    }
  }

  private static Stream<String> matches(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().map(match -> match.group(1));
  }
}
