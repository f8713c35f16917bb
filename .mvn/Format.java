import com.google.googlejavaformat.java.Formatter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Checks (or with {@code fix} rewrites) every Java source below the working directory. */
class Format {
  public static void main(String[] args) throws Exception {
    boolean fix = args.length > 0 && args[0].equals("fix");
    var formatter = new Formatter();
    int wrong = 0;
    for (Path file : sources()) {
      String text = Files.readString(file);
      String formatted = formatter.formatSourceAndFixImports(text);
      if (formatted.equals(text)) continue;
      wrong++;
      System.out.println((fix ? "formatted " : "not formatted: ") + file);
      if (fix) Files.writeString(file, formatted);
    }
    if (wrong > 0 && !fix) {
      System.out.println(wrong + " files are not formatted. Run: mvn -N verify -Dformat.mode=fix");
      System.exit(1);
    }
  }

  private static List<Path> sources() throws Exception {
    try (var files = Files.walk(Path.of("."))) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> !file.toString().contains("/target/"))
          .sorted()
          .toList();
    }
  }
}
