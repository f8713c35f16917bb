package com.sdragent.imports.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A test's name is a sentence of at most 80 characters, in every module's sources. */
class TestNamesTest {
  private static final Path ROOT = Path.of("..", "..");
  private static final Path TESTS = Path.of("src", "test", "java");
  private static final int LONGEST = 80;
  private static final Pattern TEST =
      Pattern.compile("(?ms)^ *@(?:Test|ParameterizedTest|RepeatedTest)\\b.*?\\bvoid (\\w+)\\(");

  /** Fewer words are no sentence: the shortest has a subject, a verb and what is said of it. */
  private static final Pattern SENTENCE = Pattern.compile("[a-z0-9]+(_[a-z0-9]+){2,}");

  @Test
  void every_name_is_a_sentence_of_at_most_80_characters() throws IOException {
    var wrong = new ArrayList<String>();
    int tests = 0;
    for (Path source : sources()) {
      String text = Files.readString(source);
      tests += (int) TEST.matcher(text).results().count();
      for (String name : wrong(text)) wrong.add(source.getFileName() + ": " + name);
    }
    assertThat(wrong).isEmpty();
    assertThat(tests).as("tests that were found").isGreaterThan(400);
  }

  @Test
  void a_name_that_is_too_long_or_no_sentence_is_found() {
    String longest = "a_" + "word_".repeat(15) + "ok";
    // With another sign for what marks a test, or these would be found as well.
    String source =
        """
          #Test
          void %sx() {}

          #ParameterizedTest
          #ValueSource(strings = {"a(", "b;"})
          void %sxx(String value) throws Exception {}

          #Test
          #Tag("soak")
          void camelCase() {}

          #Test
          void two_words() {}

          private void notATest() {}
        """
            .formatted(longest, longest)
            .replace('#', '@');
    assertThat(longest + "x").hasSize(LONGEST);
    assertThat(wrong(source)).containsExactly(longest + "xx", "camelCase", "two_words");
  }

  private static List<String> wrong(String source) {
    return TEST.matcher(source)
        .results()
        .map(test -> test.group(1))
        .filter(name -> name.length() > LONGEST || !SENTENCE.matcher(name).matches())
        .toList();
  }

  private static List<Path> sources() throws IOException {
    var sources = new ArrayList<Path>();
    for (Path folder : List.of(ROOT, ROOT.resolve("infra"))) {
      try (Stream<Path> modules = Files.list(folder)) {
        for (Path module : modules.map(path -> path.resolve(TESTS)).toList()) {
          if (!Files.isDirectory(module)) continue;
          try (Stream<Path> files = Files.walk(module)) {
            files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
          }
        }
      }
    }
    return sources;
  }
}
