package com.sdragent.imports.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What {@code infra/docs/decisions/README.md} says of the pages; {@link DocumentsTest} has their
 * links.
 */
class DecisionsTest {
  private static final Path DECISIONS = Path.of("..", "docs", "decisions");
  private static final Pattern BEGINNING =
      Pattern.compile(
          """
          # [^\n]+

          - Status: (accepted|superseded by \\[\\d{4}]\\([^\n]+\\))
          - Date: \\d{4}-\\d\\d-\\d\\d

          ## (?s:.*)\
          """);

  @Test
  void numbers_begin_at_one_and_have_no_gaps() throws IOException {
    List<String> numbers = pages().map(page -> name(page).substring(0, 4)).toList();
    assertThat(numbers)
        .as("java .mvn/RenumberDecisions.java puts it right")
        .isEqualTo(IntStream.rangeClosed(1, numbers.size()).mapToObj("%04d"::formatted).toList());
  }

  @Test
  void the_table_lists_each_with_its_title_and_what_it_decides_in_order() throws IOException {
    var expected = new ArrayList<String>();
    for (Path page : pages().toList()) {
      String title = Files.readAllLines(page).getFirst().substring("# ".length());
      expected.add("| [%s](%s) %s | ".formatted(name(page).substring(0, 4), name(page), title));
    }
    List<String> rows =
        Files.readAllLines(DECISIONS.resolve("README.md")).stream()
            .filter(line -> line.startsWith("| ["))
            .toList();
    assertThat(rows).hasSameSizeAs(expected);
    for (int i = 0; i < rows.size(); i++) {
      assertThat(rows.get(i)).startsWith(expected.get(i)).matches(".* \\| \\S.*[.] \\|");
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void a_page_has_every_part_of_the_template_in_its_order(Path page) throws IOException {
    assertThat(name(page)).matches("\\d{4}(-[a-z0-9]+)+\\.md");
    String text = Files.readString(page);
    assertThat(text).matches(BEGINNING);
    assertThat(text.split("\n## ", -1))
        .as("no section is empty")
        .allMatch(part -> part.strip().contains("\n"));
    assertThat(text.lines().filter(line -> line.startsWith("## ")))
        .containsExactly("## Context", "## Decision", "## Consequences", "## Evidence");
  }

  private static Stream<Path> pages() throws IOException {
    try (var files = Files.list(DECISIONS)) {
      return files.filter(file -> !file.endsWith("README.md")).sorted().toList().stream();
    }
  }

  private static String name(Path page) {
    return page.getFileName().toString();
  }
}
