package com.sdragent.imports.query.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.http.MediaType;
import org.springframework.web.util.HtmlUtils;

/**
 * What the console consists of, read once: a page, and files in a folder that is named by what is
 * in all of them, so that a browser may keep them for ever.
 */
final class ConsoleFiles {
  private static final String FOLDER = "console/";
  private static final String PAGE = "index.html";
  private static final Pattern INLINE =
      Pattern.compile("<script(?: type=\"importmap\")?>(.*?)</script>", Pattern.DOTALL);

  private static final Map<String, MediaType> TYPES =
      Map.of(
          "html", new MediaType(MediaType.TEXT_HTML, UTF_8),
          "js", new MediaType("text", "javascript", UTF_8),
          "css", new MediaType("text", "css", UTF_8),
          "svg", new MediaType("image", "svg+xml"));

  private final Map<String, ConsoleFile> files = new TreeMap<>();
  private final String version;
  private final ConsoleFile page;
  private final String policy;

  ConsoleFiles(ConsoleProperties properties) {
    try {
      for (Resource resource :
          new PathMatchingResourcePatternResolver()
              .getResources("classpath:" + FOLDER + "**/*.*")) {
        String address = resource.getURL().toString();
        String name = address.substring(address.lastIndexOf("/" + FOLDER) + FOLDER.length() + 1);
        MediaType type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        if (type != null) files.put(name, new ConsoleFile(type, resource.getContentAsByteArray()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The console's files cannot be read", e);
    }
    ConsoleFile template = files.remove(PAGE);
    if (template == null) throw new IllegalStateException("There is no " + FOLDER + PAGE);
    version = version(files, template.bytes(false));
    String html =
        new String(template.bytes(false), UTF_8)
            .replace("{files}", "files/" + version)
            .replace("{all}", String.join(" ", files.keySet()))
            .replace("{command-url}", address(properties));
    page = new ConsoleFile(template.type(), html.getBytes(UTF_8));
    policy = policy(html, properties.commandOrigin());
  }

  private static String address(ConsoleProperties properties) {
    return properties.commandUrl() == null ? "" : HtmlUtils.htmlEscape(properties.commandUrl());
  }

  /** The name of the folder of all files. */
  String version() {
    return version;
  }

  /** The page, which names the files that belong to it. */
  ConsoleFile page() {
    return page;
  }

  /** The file of this name, such as {@code pages/feed.js}. */
  Optional<ConsoleFile> file(String name) {
    return Optional.ofNullable(files.get(name));
  }

  /** The Content-Security-Policy of the page. */
  String policy() {
    return policy;
  }

  /**
   * Scripts are the console's own files, and the import map and what has to run without them, which
   * are in the page and named by their hashes. Nothing is asked of any other host.
   */
  private static String policy(String html, @Nullable String commandOrigin) {
    String hashes =
        INLINE
            .matcher(html)
            .results()
            .map(script -> sha256().digest(script.group(1).getBytes(UTF_8)))
            .map(hash -> " 'sha256-" + Base64.getEncoder().encodeToString(hash) + "'")
            .collect(Collectors.joining());
    return String.join(
        "; ",
        "default-src 'none'",
        "script-src 'self'" + hashes,
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'" + (commandOrigin == null ? "" : " " + commandOrigin),
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'");
  }

  private static String version(Map<String, ConsoleFile> files, byte[] template) {
    MessageDigest all = sha256();
    files.forEach(
        (name, file) -> {
          all.update(name.getBytes(UTF_8));
          all.update(sha256().digest(file.bytes(false)));
        });
    return HexFormat.of().formatHex(all.digest(template), 0, 8);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
