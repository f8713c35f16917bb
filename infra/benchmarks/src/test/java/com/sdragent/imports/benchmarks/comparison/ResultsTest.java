package com.sdragent.imports.benchmarks.comparison;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sdragent.imports.benchmarks.comparison.Results.Load;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ResultsTest {
  private static final Machine MACHINE =
      new Machine(2, 8, "a processor", "Linux", "25", LocalDate.of(2026, 11, 27), "abc");

  @TempDir private Path directory;

  private final Results results = new Results();

  @BeforeEach
  void measure() {
    results.titles.put("jpa", "the baseline");
    results.titles.put("service", "this one");
    add("jpa", Figure.POST, 100, 90, 120);
    add("service", Figure.POST, 300, 150, 200);
    add("service", Figure.GET, 1000, 2000, 4000);
    add("service", Figure.GET_BESIDE_WRITES, 500, 1600, 1000);
  }

  @Test
  void a_median_is_the_middle_or_the_mean_of_both_middles() {
    assertThat(Spread.of(List.of(5.0, 1.0, 3.0))).isEqualTo(new Spread(3, 1, 5));
    assertThat(Spread.of(List.of(4.0, 1.0, 2.0, 9.0))).isEqualTo(new Spread(3, 1, 9));
    assertThatThrownBy(() -> Spread.of(List.of())).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void ratios_are_of_medians_or_of_figures_in_the_same_round() {
    assertThat(results.ratio("service", Figure.POST, "jpa")).isEqualTo(2.0);
    assertThat(results.ratio("service", Figure.GET, "jpa")).isNull();
    assertThat(results.within("service", Figure.GET_BESIDE_WRITES, Figure.GET)).isEqualTo(0.5);
    assertThat(results.heldRatios().values()).containsExactly(2.0, 0.5);
  }

  @Test
  void a_report_has_each_figure_of_each_contender() throws IOException {
    new Report(results, MACHINE, "3 rounds").write(directory);
    assertThat(Files.readString(directory.resolve("comparison.md")))
        .contains("| POST | 100 (90–120) | 200 (150–300) |")
        .contains("| GET by id |  | 2,000 (1,000–4,000) |")
        .contains("| GET by id beside 500 writes/s, to alone | 0.50 |")
        .contains("2026-11-27, commit `abc`, on 2 cores");
    JsonNode json = JsonMapper.shared().readTree(directory.resolve("comparison.json").toFile());
    assertThat(json.get("machine").get("date").stringValue()).isEqualTo("2026-11-27");
    assertThat(json.get("figures").get(1).get("rate").get("median").doubleValue()).isEqualTo(200);
    assertThat(Files.readString(directory.resolve("comparison.svg")))
        .startsWith("<svg xmlns=")
        .contains("this service")
        .containsPattern("width=\"260\" height=\"13\" class=\"other\"")
        .containsPattern("width=\"520\" height=\"13\" class=\"own\"");
  }

  @Test
  void a_ratio_that_fell_by_more_than_a_fifth_or_is_missing_is_too_slow() throws IOException {
    var keepFast = new KeepFast(directory.resolve("keep-fast.json"));
    keepFast.record(Map.of("POST", 2.0, "GET", 3.0));
    assertThat(check(keepFast, Map.of("POST", 1.61, "GET", 9.0))).isEmpty();
    assertThat(check(keepFast, Map.of("POST", 1.59, "GET", 3.0))).contains("POST").contains("1.59");
    assertThat(check(keepFast, Map.of("POST", 2.0))).contains("GET").contains("0.00");
  }

  /** What was said of ratios that are too low; nothing when all are enough. */
  private static String check(KeepFast keepFast, Map<String, Double> ratios) throws IOException {
    var out = new ByteArrayOutputStream();
    boolean fast = keepFast.check(ratios, new PrintStream(out, true, UTF_8));
    List<String> slow =
        out.toString(UTF_8).lines().filter(line -> line.contains("TOO SLOW")).toList();
    assertThat(slow.isEmpty()).isEqualTo(fast);
    return String.join("\n", slow);
  }

  private void add(String contender, Figure figure, double... rates) {
    for (double rate : rates) {
      results.add(
          Load.FULL, contender, figure, new Sample(rate, 1, 2, 0, Map.of("generator", 3.0), 0));
    }
  }
}
