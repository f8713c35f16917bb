import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Numbers the pages of {@code infra/docs/decisions} from 0001 without gaps, in the order of their
 * names, and corrects the links to them in the whole repository, by the part of the name after the
 * number. Run it in the root of the repository: {@code java .mvn/RenumberDecisions.java}.
 */
class RenumberDecisions {
  private static final Path FOLDER = Path.of("infra", "docs", "decisions");
  private static final Path INDEX = FOLDER.resolve("README.md");
  private static final Pattern PAGE = Pattern.compile("(\\d{4})-([a-z0-9-]+)\\.md");
  private static final Pattern NUMBERED_LINK =
      Pattern.compile("\\[\\d{4}]\\(([^)\\s]*?)\\d{4}-([a-z0-9-]+)\\.md");
  private static final Pattern ROW =
      Pattern.compile(
          "^\\| \\[\\d{4}]\\(\\d{4}-(?<slug>[a-z0-9-]+)\\.md\\) .* \\| (?<line>.*) \\|$");
  private static final Set<String> SKIPPED = Set.of(".git", "target", ".data");
  private static final Set<String> TEXT = Set.of("md", "java", "sql", "yaml", "xml");

  private final Map<String, String> numbers = new LinkedHashMap<>();

  public static void main(String[] args) throws IOException {
    new RenumberDecisions().run();
  }

  private void run() throws IOException {
    for (Path page : pages()) {
      String name = page.getFileName().toString();
      String slug = name.substring(5, name.length() - ".md".length());
      String number = "%04d".formatted(numbers.size() + 1);
      if (numbers.put(slug, number) != null) {
        System.out.println("Two pages are called " + slug + ": make one page of them.");
        System.exit(1);
      }
      if (!name.startsWith(number)) {
        System.out.println(name + " -> " + number);
        Files.move(page, FOLDER.resolve(number + name.substring(4)));
      }
    }
    correctLinks(Path.of("."));
    Files.writeString(INDEX, withRows(Files.readString(INDEX)));
  }

  private static List<Path> pages() throws IOException {
    try (var files = Files.list(FOLDER)) {
      return files
          .filter(file -> PAGE.matcher(file.getFileName().toString()).matches())
          .sorted()
          .toList();
    }
  }

  private void correctLinks(Path folder) throws IOException {
    List<Path> entries;
    try (var files = Files.list(folder)) {
      entries = files.toList();
    }
    for (Path entry : entries) {
      String name = entry.getFileName().toString();
      if (Files.isDirectory(entry)) {
        if (!SKIPPED.contains(name)) correctLinks(entry);
      } else if (TEXT.contains(name.substring(name.lastIndexOf('.') + 1))) {
        correctLinksIn(entry);
      }
    }
  }

  private void correctLinksIn(Path file) {
    try {
      String text = Files.readString(file);
      String corrected = NUMBERED_LINK.matcher(text).replaceAll(this::withItsNumber);
      corrected =
          PAGE.matcher(corrected)
              .replaceAll(link -> numbers.getOrDefault(link.group(2), link.group(1)) + "-$2.md");
      if (!corrected.equals(text)) Files.writeString(file, corrected);
    } catch (MalformedInputException e) {
      System.out.println("Not UTF-8, left alone: " + file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String withItsNumber(MatchResult link) {
    String number = numbers.get(link.group(2));
    return number == null ? "$0" : "[%s]($1%s-$2.md".formatted(number, number);
  }

  private String withRows(String index) throws IOException {
    var text = new StringBuilder();
    Map<String, String> lines = new LinkedHashMap<>();
    for (String line : index.split("\n", -1)) {
      var row = ROW.matcher(line);
      if (row.matches()) {
        lines.put(row.group("slug"), row.group("line"));
      } else {
        text.append(line).append('\n');
      }
    }
    String head = text.toString().stripTrailing() + "\n";
    var rows = new StringBuilder();
    for (Path page : pages()) {
      String name = page.getFileName().toString();
      String content = Files.readString(page);
      String title = content.substring("# ".length(), content.indexOf('\n'));
      String line = lines.get(name.substring(5, name.length() - ".md".length()));
      if (line == null) {
        line = firstSentenceOf(content);
        System.out.println("New in the table, say it in a line of your own: " + name);
      }
      rows.append("| [%s](%s) %s | %s |\n".formatted(name.substring(0, 4), name, title, line));
    }
    return head + rows;
  }

  private static String firstSentenceOf(String page) {
    int section = page.indexOf("\n## Decision\n");
    if (section < 0) return "…";
    String text = page.substring(section + "\n## Decision\n".length()).strip();
    String paragraph = text.split("\n\n", 2)[0].replace('\n', ' ');
    return paragraph.split("(?<=\\.) ", 2)[0];
  }
}
