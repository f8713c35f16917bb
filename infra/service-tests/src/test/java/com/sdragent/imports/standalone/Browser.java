package com.sdragent.imports.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.interactions.WheelInput;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/** The system's Chromium, which all tests of pages share, each in a tab of its own. */
final class Browser {
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
  private static final Duration WITHIN = Duration.ofSeconds(20);

  /** Where pictures of pages are kept, when somebody wants to look at them. */
  private static final @Nullable String PICTURES = System.getProperty("imports.test.pictures");

  private static @Nullable ChromeDriver driver;
  private static @Nullable String axe;
  private static String scheme = "light";

  private Browser() {}

  /** Skips the tests of this class, and says so, where there is no browser. */
  static void assumeThere() {
    if (isThere()) return;
    String reason =
        "The console is not tested: that needs "
            + CHROMIUM
            + " and "
            + DRIVER
            + ", which are not there.";
    System.out.println(reason);
    Assumptions.abort(reason);
  }

  static boolean isThere() {
    return Files.isExecutable(CHROMIUM) && Files.isExecutable(DRIVER);
  }

  /** Does this while nobody sees the page. */
  static void unseen(Runnable work) {
    driver().manage().window().minimize();
    await("return document.hidden");
    work.run();
    size(1440, 900);
    await("return !document.hidden");
  }

  private static ChromeDriver driver() {
    ChromeDriver running = driver;
    if (running != null) return running;
    var options = new ChromeOptions();
    options.setBinary(CHROMIUM.toFile());
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1440,900");
    ChromeDriverService service =
        new ChromeDriverService.Builder().usingDriverExecutable(DRIVER.toFile()).build();
    ChromeDriver started = new ChromeDriver(service, options);
    Runtime.getRuntime().addShutdownHook(new Thread(started::quit));
    driver = started;
    return started;
  }

  /** Opens an address in a tab that knows nothing of those before. */
  static void open(String address) {
    String before = driver().getWindowHandle();
    driver().switchTo().newWindow(WindowType.TAB);
    String now = driver().getWindowHandle();
    driver().switchTo().window(before).close();
    driver().switchTo().window(now);
    colours(scheme);
    driver().get(address);
  }

  /** Opens the console and enters with this key. */
  static void enter(String service, String key, String place) {
    open(service + "/console/" + place);
    await("return document.querySelector('input[name=credential]') !== null");
    type("input[name=credential]", key + Keys.ENTER);
    await("return document.querySelector('.frame') !== null");
  }

  /** Goes to another place of the same page. */
  static void go(String place) {
    js("location.hash = arguments[0]", place);
  }

  static @Nullable Object js(String script, Object... arguments) {
    return driver().executeScript(script, arguments);
  }

  /** Waits until this script returns true. */
  static void await(String script, Object... arguments) {
    Awaitility.await()
        .atMost(WITHIN)
        .pollInterval(Duration.ofMillis(30))
        .until(() -> Boolean.TRUE.equals(js(script, arguments)));
  }

  /** Waits until the page shows this text. */
  static void awaitText(String text) {
    try {
      await("return document.body.innerText.includes(arguments[0])", text);
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      throw new AssertionError("No \"" + text + "\" in:\n" + text(), e);
    }
  }

  /** Waits until the page does not show this text. */
  static void awaitNoText(String text) {
    await("return !document.body.innerText.includes(arguments[0])", text);
  }

  /** Everything that the page shows. */
  static String text() {
    return String.valueOf(js("return document.body.innerText"));
  }

  static void type(String css, CharSequence text) {
    driver().findElement(By.cssSelector(css)).sendKeys(text);
  }

  /** Presses keys, wherever the keyboard is. */
  static void press(CharSequence... keys) {
    new Actions(driver()).sendKeys(keys).perform();
  }

  /** Presses the button or the link that has this text. */
  static void click(String text) {
    await(
        "return [...document.querySelectorAll('button, a')].some(one => one.innerText.trim() ==="
            + " arguments[0] && !one.disabled)",
        text);
    js(
        "[...document.querySelectorAll('button, a')].find(one => one.innerText.trim() ==="
            + " arguments[0]).click()",
        text);
  }

  /** Turns the wheel over this element. */
  static void wheel(String css, int pixels) {
    new Actions(driver())
        .scrollFromOrigin(
            WheelInput.ScrollOrigin.fromElement(driver().findElement(By.cssSelector(css))),
            0,
            pixels)
        .perform();
  }

  /** Runs a script that may wait, for no longer than this. */
  static void within(Duration longest, String script, Object... arguments) {
    driver().manage().timeouts().scriptTimeout(longest);
    js("return (async (...given) => {" + script + "})(...arguments)", arguments);
  }

  /** How many kilobytes the page's objects have, once what nobody needs is gone. */
  static long heap() {
    driver().executeCdpCommand("HeapProfiler.collectGarbage", Map.of());
    Object used = driver().executeCdpCommand("Runtime.getHeapUsage", Map.of()).get("usedSize");
    return ((Number) Objects.requireNonNull(used)).longValue() / 1024;
  }

  /** Has files asked for again that could be kept. */
  static void forgetFiles() {
    driver().executeCdpCommand("Network.clearBrowserCache", Map.of());
  }

  static void size(int width, int height) {
    if (width < 500) {
      driver()
          .executeCdpCommand(
              "Emulation.setDeviceMetricsOverride",
              Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", true));
      return;
    }
    driver().executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
    driver().manage().window().setSize(new Dimension(width, height));
  }

  /** The colours of this tab, and of those that are opened after it. */
  static void colours(String wanted) {
    scheme = wanted;
    if (driver == null) return;
    driver()
        .executeCdpCommand(
            "Emulation.setEmulatedMedia",
            Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", wanted))));
  }

  /** Holds that axe finds nothing serious or critical, and keeps a picture if that is wanted. */
  static void assertGood(String name) {
    picture(name);
    js(axe());
    Object found =
        driver()
            .executeAsyncScript(
                """
                const done = arguments[0];
                axe.run(document, {resultTypes: ['violations']}).then(
                  result => done(result.violations.filter(one => ['serious', 'critical'].includes(one.impact))
                    .map(one => one.id + ': ' + one.nodes.slice(0, 3).map(node => node.html + ' ' + node.failureSummary).join(' | '))),
                  error => done([String(error)]));
                """);
    assertThat((List<?>) Objects.requireNonNull(found)).as(name).isEmpty();
  }

  static void picture(String name) {
    if (PICTURES == null) return;
    try {
      Files.createDirectories(Path.of(PICTURES));
      File taken = driver().getScreenshotAs(OutputType.FILE);
      Files.copy(
          taken.toPath(),
          Path.of(PICTURES, name + ".png"),
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String axe() {
    String known = axe;
    if (known != null) return known;
    try (InputStream file =
        new PathMatchingResourcePatternResolver()
            .getResources("classpath*:META-INF/resources/webjars/axe-core/*/axe.min.js")[0]
                .getInputStream()) {
      String read = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      axe = read;
      return read;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
