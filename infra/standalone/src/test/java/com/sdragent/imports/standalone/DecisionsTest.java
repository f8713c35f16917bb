package com.sdragent.imports.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DecisionsTest {
  private static final Path DECISIONS = Path.of("..", "docs", "decisions");

  @Test
  void every_decision_is_listed_with_its_title_in_order() throws IOException {
    var expected = new ArrayList<String>();
    List<Path> pages;
    try (var files = Files.list(DECISIONS)) {
      pages = files.filter(file -> !file.endsWith("README.md")).sorted().toList();
    }
    for (Path page : pages) {
      String name = page.getFileName().toString();
      String title = Files.readAllLines(page).getFirst().substring("# ".length());
      expected.add("- [%s](%s) %s".formatted(name.substring(0, 4), name, title));
    }
    assertThat(Files.readAllLines(DECISIONS.resolve("README.md")))
        .filteredOn(line -> line.startsWith("- "))
        .isEqualTo(expected);
  }
}
