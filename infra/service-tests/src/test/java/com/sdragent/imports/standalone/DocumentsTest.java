package com.sdragent.imports.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the repository's documents point to is there. */
class DocumentsTest {
  private static final Path ROOT = Path.of("..", "..");
  private static final Set<String> SKIPPED =
      Set.of(".git", "target", "node_modules", ".data", ".idea", ".vscode");
  private static final Pattern CODE = Pattern.compile("(?ms)^```.*?^```$|``[^\n]+?``|`[^`\n]*`");
  private static final Pattern LINK = Pattern.compile("\\[[^]]*]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+)$");
  private static final Pattern TEST =
      Pattern.compile("`([A-Z][A-Za-z]*(?:Test|IT))(?:\\.(\\w+))?`");
  private static final Pattern DOCUMENT = Pattern.compile("infra/docs/[a-z/0-9-]+\\.md");

  private static final Map<Path, String> DOCUMENTS = new TreeMap<>();
  private static final Map<Path, String> SOURCES = new TreeMap<>();

  @BeforeAll
  static void read() throws IOException {
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return SKIPPED.contains(folder.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            String name = file.getFileName().toString();
            // What lies among the sources is data of a test.
            if (name.endsWith(".md") && !isAmongSources(file)) {
              DOCUMENTS.put(file.normalize(), Files.readString(file));
            }
            if (name.endsWith(".java") || name.endsWith(".sql") || name.endsWith(".yaml")) {
              SOURCES.put(file.normalize(), Files.readString(file));
            }
            return FileVisitResult.CONTINUE;
          }
        });
    assertThat(DOCUMENTS).containsKey(ROOT.resolve("README.md"));
  }

  @Test
  void the_top_level_has_the_modules_the_readme_and_nothing_else() throws Exception {
    Process git =
        new ProcessBuilder("git", "ls-tree", "--name-only", "HEAD")
            .directory(ROOT.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    List<String> names = git.inputReader().readAllLines();
    assumeTrue(git.waitFor() == 0, "This is no checkout of git");
    assertThat(names)
        .filteredOn(name -> !name.startsWith("."))
        .containsExactlyInAnyOrder(
            "pom.xml", "command-side", "query-side", "shared-events", "infra", "README.md");
  }

  /** {@code mvn spring-boot:run} compiles no other modules. */
  @Test
  void a_run_builds_exactly_the_modules_that_the_standalone_needs() throws IOException {
    var folders = new TreeMap<String, Path>();
    String all = Files.readString(ROOT.resolve("pom.xml"));
    Pattern.compile("<module>([^<]+)</module>")
        .matcher(all)
        .results()
        .map(module -> ROOT.resolve(module.group(1)))
        .forEach(folder -> folders.put(folder.getFileName().toString(), folder));
    var needed = new TreeSet<String>();
    var open = new ArrayDeque<>(List.of("standalone"));
    while (!open.isEmpty()) {
      String module = open.remove();
      if (!needed.add(module)) continue;
      String pom = Files.readString(Objects.requireNonNull(folders.get(module)).resolve("pom.xml"));
      Pattern.compile("(?s)<dependency>(.*?)</dependency>")
          .matcher(pom)
          .results()
          .map(dependency -> dependency.group(1))
          .filter(text -> text.contains("<groupId>com.sdragent.imports<"))
          .filter(text -> !text.contains("<scope>test<"))
          .map(text -> text.replaceFirst("(?s).*?<artifactId>([^<]+)<.*", "$1"))
          .forEach(open::add);
    }
    Matcher modules = Pattern.compile("<run.modules>([^<]+)</run.modules>").matcher(all);
    assertThat(modules.find()).isTrue();
    assertThat(modules.group(1).split(" ")).containsExactlyInAnyOrderElementsOf(needed);
  }

  @Test
  void every_relative_link_leads_to_a_file_and_a_heading() {
    var broken = new ArrayList<String>();
    DOCUMENTS.forEach(
        (document, text) -> {
          for (String link : links(text)) {
            if (link.contains("://")) continue;
            String[] parts = link.split("#", 2);
            Path target =
                parts[0].isEmpty() ? document : document.resolveSibling(parts[0]).normalize();
            if (!Files.exists(target)) {
              broken.add(document + ": " + link);
            } else if (parts.length > 1 && !anchors(target).contains(parts[1])) {
              broken.add(document + ": " + link + " (no such heading)");
            }
          }
        });
    assertThat(broken).isEmpty();
  }

  @Test
  void every_test_that_a_document_names_exists() {
    var unknown = new ArrayList<String>();
    DOCUMENTS.forEach(
        (document, text) ->
            TEST.matcher(text)
                .results()
                .filter(test -> !exists(test))
                .forEach(test -> unknown.add(document + ": " + test.group())));
    assertThat(unknown).isEmpty();
  }

  @Test
  void each_of_the_ten_risks_of_owasp_has_a_test() {
    String page = DOCUMENTS.get(ROOT.resolve("infra/docs/owasp.md").normalize());
    for (int risk = 1; risk <= 10; risk++) {
      String row = "(?m)^\\| API" + risk + " .*$";
      assertThat(Pattern.compile(row).matcher(page).results().map(MatchResult::group))
          .as("API%s", risk)
          .singleElement()
          .asString()
          .containsPattern(TEST);
    }
  }

  @Test
  void every_document_that_a_source_names_exists() {
    var missing = new ArrayList<String>();
    SOURCES.forEach(
        (source, text) ->
            DOCUMENT
                .matcher(text)
                .results()
                .filter(document -> !Files.exists(ROOT.resolve(document.group())))
                .forEach(document -> missing.add(source + ": " + document.group())));
    assertThat(missing).isEmpty();
  }

  private static boolean isAmongSources(Path file) {
    for (Path part : file) {
      if (part.endsWith("src")) return true;
    }
    return false;
  }

  private static List<String> links(String text) {
    return LINK.matcher(CODE.matcher(text).replaceAll("code"))
        .results()
        .map(link -> link.group(1))
        .toList();
  }

  /** The names that GitHub gives to the headings of a page. */
  private static List<String> anchors(Path page) {
    var anchors = new ArrayList<String>();
    HEADING
        .matcher(DOCUMENTS.getOrDefault(page, "").replaceAll("(?ms)^```.*?^```$", ""))
        .results()
        .map(
            heading ->
                heading
                    .group(1)
                    .strip()
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N} _-]", "")
                    .replace(' ', '-'))
        .forEach(anchors::add);
    return anchors;
  }

  private static boolean exists(MatchResult test) {
    String inside = test.group(2);
    return SOURCES.entrySet().stream()
        .filter(source -> source.getKey().endsWith(test.group(1) + ".java"))
        .anyMatch(
            source ->
                inside == null
                    || source.getValue().contains("class " + inside + " ")
                    || source.getValue().contains("void " + inside + "("));
  }
}
