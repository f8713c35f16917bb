package com.sdragent.imports.standalone;

import static com.sdragent.imports.standalone.Browser.await;
import static com.sdragent.imports.standalone.Browser.awaitNoText;
import static com.sdragent.imports.standalone.Browser.awaitText;
import static com.sdragent.imports.standalone.Browser.click;
import static com.sdragent.imports.standalone.Browser.js;
import static com.sdragent.imports.standalone.RunningService.JSON;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.Keys;

/** The console in a browser, as people use it, beside whatever other tests store. */
class ConsoleIT {
  private static final String[] ALL = {"imports:read", "imports:write", "imports:audit", "admin"};

  /** What must never run, and what must not turn or stretch a page. */
  private static final String SCRIPT =
      "<img src=x onerror=window.ran=1><script>window.ran=1</script>";

  private static final String TURNED = "in\u202Evoice\u202C\u200B.csv 👩‍💻";

  @BeforeAll
  static void browser() {
    Browser.assumeThere();
  }

  @AfterEach
  void as_before() {
    Browser.size(1440, 900);
    Browser.colours("light");
  }

  /** An organization that no other test knows, with a key for all of it. */
  private record Organization(String id, String key) {
    static Organization create() {
      String id = UUID.randomUUID().toString();
      return new Organization(id, RunningService.newKeyOf(id, ALL));
    }

    String importOf(String source, @Nullable String file, String status) {
      var fields = new HashMap<String, @Nullable Object>();
      fields.put("source", source);
      fields.put("file_name", file);
      fields.put("status", status);
      fields.put("total_rows", 500);
      HttpResponse<String> answer = send("POST", "/imports/", fields);
      assertThat(answer.statusCode()).isEqualTo(201);
      return RunningService.json(answer).get("id").stringValue();
    }

    void change(String id, Map<String, ?> fields) {
      assertThat(send("PUT", "/imports/" + id, fields).statusCode()).isEqualTo(200);
    }

    void delete(String id) {
      assertThat(send("DELETE", "/imports/" + id, Map.of()).statusCode()).isEqualTo(200);
    }

    private HttpResponse<String> send(
        String method, String path, Map<String, ? extends @Nullable Object> fields) {
      return RunningService.send(
          RunningService.request(method, path)
              .header("X-API-Key", key)
              .header("Content-Type", "application/json")
              .method(method, BodyPublishers.ofString(JSON.writeValueAsString(fields))));
    }
  }

  private static String service() {
    return "http://localhost:" + RunningService.port();
  }

  private static long number(String script, Object... arguments) {
    return ((Number) java.util.Objects.requireNonNull(js(script, arguments))).longValue();
  }

  @Test
  void an_organization_without_imports_is_told_how_to_make_the_first_and_sees_it_come() {
    var organization = Organization.create();
    Browser.enter(service(), organization.key, "");
    awaitText("There is no import yet");
    awaitText("curl -X POST 'http://localhost:" + RunningService.port() + "/imports/'");
    assertThat(Browser.text()).doesNotContain(organization.key);
    awaitText("Live");
    Browser.assertGood("imports-none-light");

    organization.importOf("salesforce", "first_leads.csv", "pending");

    awaitText("first_leads.csv");
  }

  @Test
  void the_list_changes_as_imports_do_and_has_only_what_passes_its_filters() {
    var organization = Organization.create();
    String id = organization.importOf("hubspot", "changes.csv", "pending");
    organization.importOf("salesforce", "stays.csv", "completed");
    Browser.enter(service(), organization.key, "");
    awaitText("changes.csv");
    awaitText("Live");

    organization.change(id, Map.of("status", "processing", "total_rows", 77_123));
    awaitText("77,123");
    organization.importOf("hubspot", "comes.csv", "pending");
    awaitText("comes.csv");
    await("return document.querySelector('.figure strong')?.innerText === '3'");

    Browser.go("#/imports?status=pending");
    awaitNoText("stays.csv");
    awaitText("comes.csv");
    organization.importOf("hubspot", "passes_not.csv", "failed");
    organization.importOf("hubspot", "passes.csv", "pending");
    awaitText("passes.csv");
    assertThat(Browser.text()).doesNotContain("passes_not.csv");

    Browser.go("#/imports?source=nobody");
    awaitText("No import passes these filters");
    Browser.go("#/imports");
    organization.delete(id);
    awaitText("comes.csv");
    awaitNoText("changes.csv");
  }

  @Test
  void one_import_has_its_history_and_what_it_was_at_any_moment() {
    var organization = Organization.create();
    String id = organization.importOf("salesforce", "moments.csv", "pending");
    organization.change(id, Map.of("status", "processing"));
    organization.change(id, Map.of("status", "failed", "file_name", "other.csv"));
    Browser.enter(service(), organization.key, "");
    awaitText("other.csv");
    Browser.press("/");
    Browser.press(id + Keys.ENTER);
    awaitText("Timeline");
    await("return document.querySelectorAll('.timeline > li').length === 4");
    awaitText("moments.csv");
    awaitText("by a key");

    click("Event before");
    click("Event before");
    await("return location.hash.includes('as_of=')");
    await("return document.querySelectorAll('tr.differs').length > 0");
    // The link is all that somebody else needs.
    String shared = String.valueOf(js("return location.hash"));
    Browser.enter(service(), organization.key, shared);
    await("return document.querySelectorAll('tr.differs').length > 0");
    click("Back to now");
    await("return !location.hash.includes('as_of')");

    organization.change(id, Map.of("total_rows", 41));
    await("return document.querySelectorAll('.timeline > li').length === 5");
    // The relay is a little later than whoever looks.
    awaitText("not in Kafka yet");
    RunningService.owner()
        .update(
            "insert into lease values ('relay', gen_random_uuid(), '-infinity', 1000000, null, 1)");
    try {
      awaitText("topic contract.events partition 0");
      awaitNoText("not in Kafka yet");
    } finally {
      RunningService.owner().update("delete from lease where name = 'relay'");
    }
    organization.delete(id);
    await("return document.querySelector('h1 + .pill').innerText === 'deleted'");

    Browser.go("#/imports/" + UUID.randomUUID());
    awaitText("There is no import with this id");
  }

  @Test
  void the_feed_shows_events_as_they_come_can_be_paused_and_begins_anywhere() {
    var organization = Organization.create();
    Browser.enter(service(), organization.key, "#/feed");
    awaitText("Nothing has happened yet");
    awaitText("Live");
    String id = organization.importOf("salesforce", "feed.csv", "pending");
    awaitText("feed.csv");

    click("Pause");
    organization.change(id, Map.of("status", "completed"));
    awaitText("Go on: 1 came");
    assertThat(number("return document.querySelectorAll('.feed > li').length")).isEqualTo(1);
    click("Go on: 1 came");
    await("return document.querySelectorAll('.feed > li').length === 2");

    Browser.go("#/feed?type=ImportStatusChanged");
    await("return document.querySelectorAll('.feed > li').length === 1");
    Browser.go("#/feed?since=2001-01-01T00:00:00Z");
    awaitText("These are the last ones.");
    await("return document.querySelectorAll('.feed > li').length === 2");
    Browser.go("#/feed?since=2999-01-01T00:00:00Z");
    awaitText("Nothing happened since then");
  }

  @Test
  void neither_a_filter_nor_a_long_pause_makes_the_feed_say_what_is_not_so() {
    var organization = Organization.create();
    String first = organization.importOf("salesforce", "first.csv", "pending");
    String other = organization.importOf("salesforce", "other.csv", "pending");
    for (int i = 1; i <= 100; i++) organization.change(other, Map.of("total_rows", 1000 + i));
    Browser.enter(service(), organization.key, "#/feed?import_id=" + first);
    awaitText("None among the last 100 events");
    click("All from the beginning");
    awaitText("first.csv");

    Browser.go("#/feed");
    awaitText("Live");
    await("return document.querySelectorAll('.feed > li').length === 100");
    click("Pause");
    for (int i = 1; i <= 450; i++) organization.change(other, Map.of("total_rows", 2_000_000 + i));
    awaitText("Go on: 450 came");
    click("Go on: 450 came");
    // The newest are there, and between them nobody else's events.
    awaitText("2,000,450");
    await(
        """
        const shown = [...document.querySelectorAll('.feed .position')].map(one => Number(one.innerText.replaceAll(',', '')));
        return shown.length === 100 && shown.every((one, i) => i === 0 || one === shown[i - 1] - 1);
        """);
    // However much of it is seen, the page does not grow.
    for (int i = 1; i <= 250; i++) organization.change(other, Map.of("total_rows", 3_000_000 + i));
    awaitText("3,000,250");
    assertThat(number("return document.querySelectorAll('.feed > li').length")).isEqualTo(300);
    Browser.go("#/feed?after=0");
    await(
        "[...document.querySelectorAll('button')].find(one => one.innerText === 'Later"
            + " events')?.click(); return document.body.innerText.includes('These are the last"
            + " ones.')");
    assertThat(number("return document.querySelectorAll('.feed > li').length")).isEqualTo(300);
  }

  @Test
  void the_organization_is_seen_as_of_a_moment_and_what_differs_between_two() {
    var organization = Organization.create();
    String gone = organization.importOf("salesforce", "gone.csv", "pending");
    String changed = organization.importOf("salesforce", "changed.csv", "pending");
    String then = java.time.Instant.now().toString();
    organization.delete(gone);
    organization.change(changed, Map.of("status", "completed"));
    organization.importOf("salesforce", "added.csv", "pending");

    Browser.enter(service(), organization.key, "#/as-of");
    awaitText("Choose a moment");
    Browser.go("#/as-of?at=" + then);
    awaitText("2 imports at");
    awaitText("gone.csv");
    assertThat(Browser.text()).doesNotContain("added.csv");

    click("Compare with now");
    await("return document.querySelectorAll('.body > .row').length === 3");
    assertThat(Browser.text()).contains("added.csv", "changed.csv", "gone.csv");
    click("No comparison");
    awaitText("2 imports at");
  }

  /** Gives an organization so many imports at once, and returns the table that they are in. */
  private static String fill(Organization organization, int imports) {
    Integer slot =
        RunningService.owner()
            .queryForObject(
                "select generation % 2 from projection where name = 'imports'", Integer.class);
    RunningService.owner()
        .update(
            "insert into import_row_"
                + slot
                + " select gen_random_uuid(), ?::uuid, null, (array['csv', 'hubspot'])[1 + n % 2],"
                + " 'row ' || n, (array['pending', 'processing', 'completed', 'failed'])[1 + n %"
                + " 4], n, timestamptz '2024-01-01Z' - n * interval '1 s', now(), 0 from"
                + " generate_series(1, ?) n",
            organization.id,
            imports);
    return "import_row_" + slot;
  }

  /** Counts what is in this table, as the projection of the summary does. */
  private static String count(Organization organization, String table) {
    Integer slot =
        RunningService.owner()
            .queryForObject(
                "select generation % 2 from projection where name = 'summary'", Integer.class);
    RunningService.owner()
        .queryForList(
            """
            select add_to_summary_%s(array_agg(gen_random_uuid()), array_agg(org_id), array_agg(status),
              array_agg(source), array_agg(null::uuid), array_agg(null::date), array_agg(imports), array_agg(rows),
              array_agg(0::bigint), array_agg(0::bigint), array_agg(0::bigint), null::date)
            from (select org_id, status, source, count(*) imports, sum(total_rows)::numeric "rows" from %s
                  where org_id = ?::uuid group by org_id, status, source) counted
            """
                .formatted(slot, table),
            organization.id);
    return "summary_cell_" + slot;
  }

  private static long lastRow() {
    return number("return +(document.querySelector('.body > .row:last-child')?.ariaRowIndex ?? 0)");
  }

  @Test
  void a_hundred_thousand_imports_are_scrolled_without_the_page_growing() {
    var organization = Organization.create();
    String table = fill(organization, 100_000);
    try {
      Browser.enter(service(), organization.key, "");
      awaitText("row 1\n");
      long few = 0;
      for (int i = 0; i < 25; i++) {
        long base = lastRow();
        js("const main = document.getElementById('main'); main.scrollTop = main.scrollHeight");
        await(
            "return +document.querySelector('.body > .row:last-child')?.ariaRowIndex >"
                + " arguments[0]",
            base);
        if (i == 1) few = number("return document.querySelectorAll('*').length");
      }
      assertThat(number("return document.querySelectorAll('*').length")).isLessThan(few + 200);
      assertThat(number("return document.querySelectorAll('.body > .row').length")).isLessThan(80);
      // Twelve pages of rows are kept.
      assertThat(number("return document.querySelector('.body').offsetHeight"))
          .isLessThanOrEqualTo(12 * 200 * 40);
      // The rows that were left out come again.
      js("document.getElementById('main').scrollTop = 0");
      await(
          "const first = +document.querySelector('.body > .row').ariaRowIndex;"
              + " document.getElementById('main').scrollTop -= 4000; return first === 2");
      awaitText("row 1\n");
    } finally {
      RunningService.owner()
          .update("delete from " + table + " where org_id = ?::uuid", organization.id);
    }
  }

  /** What a page has become after so many of its rows were seen. */
  private record Size(long rows, long elements, long kilobytes) {
    static Size now() {
      return new Size(
          lastRow() - 1, number("return document.querySelectorAll('*').length"), Browser.heap());
    }
  }

  @Test
  @Tag("soak")
  @Timeout(900)
  void a_million_imports_are_scrolled_to_their_end_without_the_page_growing() {
    int imports = 1_000_000;
    var organization = Organization.create();
    String table = fill(organization, imports);
    var owner = RunningService.owner();
    String cells = count(organization, table);
    owner.execute("vacuum analyze " + table);
    try {
      Browser.enter(service(), organization.key, "");
      awaitText("row 1\n");
      awaitText("Live");
      await("return document.querySelector('.figure strong')?.innerText === '1M'");
      var sizes = new ArrayList<Size>();
      // With the wheel, and by the keyboard.
      for (int i = 0; i < 100; i++) Browser.wheel("#main", 2000);
      await("return document.querySelectorAll('.body > .row').length > 20");
      js("document.querySelector('[role=grid]').focus({preventScroll: true})");
      for (int i = 0; i < 100; i++) {
        long base = lastRow();
        Browser.press(Keys.END);
        await(
            "return +document.querySelector('.body > .row:last-child')?.ariaRowIndex >"
                + " arguments[0]",
            base);
      }
      sizes.add(Size.now());
      System.out.println("A million imports: " + sizes.getLast());
      // To the end, as fast as pages come.
      for (int i = 1; i <= 10; i++) {
        int upTo = Math.min(imports, i * imports / 10);
        Browser.within(
            Duration.ofMinutes(3),
            """
            const main = document.getElementById('main');
            while (+(document.querySelector('.body > .row:last-child')?.ariaRowIndex ?? 0) - 1 < given[0]) {
              main.scrollTop = main.scrollHeight;
              await new Promise(requestAnimationFrame);
            }
            """,
            upTo);
        sizes.add(Size.now());
        System.out.println("A million imports: " + sizes.getLast());
      }
      awaitText("1,000,000 in all");
      Browser.press(Keys.END);
      await("return document.querySelector('.row.active')?.innerText.includes('row 1000000')");
      for (Size size : sizes) {
        assertThat(size.elements())
            .as(size.toString())
            .isLessThan(sizes.getFirst().elements() + 200);
        assertThat(size.kilobytes())
            .as(size.toString())
            .isLessThan(sizes.getFirst().kilobytes() + 2048);
      }

      // Filters and the search lead to a row faster than a scroll bar does.
      Browser.go("#/imports?status=failed&created_before=2023-12-25T00:00:00.000Z");
      await(
          "const first = document.querySelector('.body > .row'); return first?.ariaRowIndex === '2'"
              + " && first.innerText.includes('failed') &&"
              + " first.innerText.includes('2023-12-24')");
      String last =
          owner.queryForObject(
              "select id from " + table + " where org_id = ?::uuid and file_name = 'row 1000000'",
              String.class,
              organization.id);
      Browser.press("/");
      Browser.press(last + Keys.ENTER);
      await("return document.querySelector('h1')?.innerText === 'row 1000000'");
      Browser.go("#/imports");
      awaitText("row 1\n");
      assertThat(lastRow()).isLessThan(80);
    } finally {
      owner.update("delete from " + table + " where org_id = ?::uuid", organization.id);
      owner.update(
          "delete from " + cells.replace("cell", "count") + " where organization = ?::uuid",
          organization.id);
      owner.update("delete from " + cells + " where organization = ?::uuid", organization.id);
    }
  }

  @Test
  void a_list_is_gone_through_and_opened_by_the_keyboard() {
    var organization = Organization.create();
    for (int i = 0; i < 5; i++) organization.importOf("csv", "key_" + i + ".csv", "pending");
    Browser.enter(service(), organization.key, "");
    awaitText("key_0.csv");
    js("document.querySelector('[role=grid]').focus()");
    Browser.press(Keys.ARROW_DOWN, Keys.ARROW_DOWN, "k", Keys.PAGE_DOWN);
    await("return document.querySelector('.row.active')?.innerText.includes('key_0.csv')");
    await(
        "const grid = document.querySelector('[role=grid]'); return"
            + " document.getElementById(grid.getAttribute('aria-activedescendant')).ariaSelected"
            + " === 'true'");
    Browser.press(Keys.HOME);
    await("return document.querySelector('.row.active')?.innerText.includes('key_4.csv')");
    organization.importOf("csv", "comes_before.csv", "pending");
    awaitText("comes_before.csv");
    Browser.press(Keys.ENTER);
    await("return document.querySelector('h1')?.innerText === 'key_4.csv'");
    await("return document.activeElement.id === 'main' && document.title.startsWith('key_4.csv')");
    Browser.press("?");
    awaitText("A screenful of rows");
    Browser.press(Keys.ESCAPE);
    awaitNoText("A screenful of rows");
  }

  @Test
  void a_lost_connection_is_shown_and_healed_without_a_reload_and_without_a_gap() throws Exception {
    var organization = Organization.create();
    organization.importOf("csv", "before.csv", "pending");
    try (var gateway = new Gateway("")) {
      Browser.enter(gateway.address(), organization.key, "#/feed");
      awaitText("before.csv");
      awaitText("Live");
      js("window.sameDocument = true");
      // The other pages are loaded soon after the first.
      await(
          "const loaded = performance.getEntriesByType('resource').filter(one => one.responseEnd >"
              + " 0); return ['pages/imports.js', 'pages/as-of.js', 'parts/long.js',"
              + " 'parts/plot.js'].every(name => loaded.some(one => one.name.endsWith(name)))");
      gateway.cut();
      awaitText("Connection lost");
      for (int i = 0; i < 5; i++) organization.importOf("csv", "while_" + i + ".csv", "pending");
      Browser.picture("feed-lost-light");
      gateway.heal();
      click("Connect now");
      awaitText("Live");
      await("return document.querySelectorAll('.feed > li').length === 6");
      organization.importOf("csv", "after.csv", "pending");
      await("return document.querySelectorAll('.feed > li').length === 7");
      assertThat(js("return window.sameDocument")).isEqualTo(true);

      // A stream that says nothing any more is lost as well, by the heartbeat that it told.
      gateway.fallSilent();
      awaitText("Connection lost");
      gateway.heal();
      click("Connect now");
      awaitText("Live");

      // A page that is opened meanwhile says so, and comes by itself.
      gateway.cut();
      awaitText("Connection lost");
      Browser.go("#/imports");
      awaitText("cannot be reached");
      gateway.heal();
      awaitText("while_4.csv");

      // What failed is asked for again, and so is what the key allows after a reload.
      gateway.cut();
      Browser.go("#/as-of?at=2999-01-01T00:00:00Z");
      awaitText("cannot be reached");
      gateway.heal();
      awaitText("7 imports at");
      awaitText("while_4.csv");
      gateway.refuse("html\\.js", "404 Not Found");
      Browser.forgetFiles();
      Browser.js("location.reload()");
      awaitText("did not arrive");
      gateway.heal();
      awaitText("7 imports at");
    }
  }

  @Test
  void a_page_begins_while_half_of_the_nodes_are_of_another_version() throws Exception {
    var organization = Organization.create();
    organization.importOf("csv", "upgrade.csv", "pending");
    try (var gateway = new Gateway("")) {
      Browser.enter(gateway.address(), organization.key, "");
      awaitText("upgrade.csv");
      Browser.forgetFiles();
      gateway.refuseHalf("/console/files/");
      js("location.reload()");
      awaitText("did not arrive");
      // The place and the key are still the tab's.
      awaitText("upgrade.csv");
    }
  }

  @Test
  void a_tab_that_nobody_sees_gives_its_stream_back_and_goes_on_when_it_is_seen() {
    var organization = Organization.create();
    organization.importOf("csv", "seen.csv", "pending");
    Browser.enter(service(), organization.key, "");
    awaitText("seen.csv");
    awaitText("Live");
    double streams = streams();
    Browser.unseen(
        () -> {
          awaitText("Paused");
          organization.importOf("csv", "unseen.csv", "pending");
          Awaitility.await().until(() -> streams() < streams);
          assertThat(Browser.text()).doesNotContain("unseen.csv");
        });
    awaitText("Live");
    awaitText("unseen.csv");
  }

  private static double streams() {
    return RunningService.bean(MeterRegistry.class).get("imports.feed.streams").gauge().value();
  }

  @Test
  void a_list_that_is_older_than_what_came_meanwhile_shows_that_all_the_same() throws Exception {
    var organization = Organization.create();
    String id = organization.importOf("csv", "old.csv", "pending");
    try (var gateway = new Gateway("")) {
      Browser.enter(gateway.address(), organization.key, "#/feed");
      awaitText("old.csv");
      awaitText("Live");
      gateway.hold("GET /imports/\\?");
      Browser.go("#/imports");
      awaitText("Loading");
      organization.change(id, Map.of("total_rows", 4711));
      organization.importOf("csv", "new.csv", "pending");
      // The figures come with the last of these events.
      await("return document.querySelector('.figure strong')?.innerText === '2'");
      gateway.release();
      awaitText("new.csv");
      awaitText("4,711");
    }
  }

  @Test
  void without_the_summary_the_list_stays_where_its_reader_is() throws Exception {
    var organization = Organization.create();
    for (int i = 0; i < 30; i++) organization.importOf("csv", "stays_" + i, "pending");
    try (var gateway = new Gateway("")) {
      gateway.refuse("/imports/summary", "503 Service Unavailable");
      Browser.enter(gateway.address(), organization.key, "");
      awaitText("30 in all");
      awaitText("The service cannot do this now. The console tries again by itself.");
      Browser.size(1000, 500);
      js("document.getElementById('main').scrollTop = 600");
      gateway.heal();
      await("return document.querySelector('.figure strong')?.innerText === '30'");
      assertThat(number("return document.getElementById('main').scrollTop")).isEqualTo(600);
    }
  }

  @Test
  void behind_a_prefix_everything_is_found() throws Exception {
    var organization = Organization.create();
    String id = organization.importOf("csv", "prefix.csv", "pending");
    try (var gateway = new Gateway("/team/imports")) {
      Browser.open(gateway.address() + "/console");
      await("return location.pathname === '/team/imports/console/'");
      Browser.enter(gateway.address(), organization.key, "");
      awaitText("prefix.csv");
      awaitText("Live");
      await("return document.querySelector('.plot canvas') !== null");
      Browser.go("#/imports/" + id);
      awaitText("Timeline");
      Browser.go("#/feed");
      awaitText("prefix.csv");
      assertThat(
              String.valueOf(
                      js(
                          "return performance.getEntriesByType('resource').map(one =>"
                              + " one.name).join(' ')"))
                  .split(" ", -1))
          .allMatch(address -> address.startsWith(gateway.address() + "/"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "imports:read|Imports",
        "imports:write|",
        "imports:audit|Imports,Feed,As of",
        "imports:read,imports:audit|Imports,Feed,As of"
      })
  void a_key_sees_what_its_scopes_allow_and_nothing_else(String scopes, @Nullable String pages) {
    var organization = Organization.create();
    String id = organization.importOf("csv", "scoped.csv", "pending");
    String key = RunningService.newKeyOf(organization.id, scopes.split(",", -1));
    Browser.enter(service(), key, "");
    List<String> expected = pages == null ? List.of() : Arrays.asList(pages.split(",", -1));
    await(
        "return [...document.querySelectorAll('nav a')].map(one => one.innerText.trim()).join() ==="
            + " arguments[0]",
        String.join(",", expected));
    if (expected.isEmpty()) awaitText("Nothing here is for this key or token");
    if (scopes.contains("read")) awaitText("scoped.csv");
    if (scopes.equals("imports:audit")) awaitText("sees the past alone");
    Browser.go("#/feed");
    awaitText(scopes.contains("audit") ? "scoped.csv" : "is not for this key or token");
    Browser.go("#/imports/" + id);
    if (scopes.equals("imports:read"))
      awaitText("The history of an import needs the scope imports:audit");
    else if (scopes.contains("audit")) awaitText("Timeline");
    else awaitText("It needs the scope imports:read or imports:audit");
    if (scopes.equals("imports:read")) {
      awaitText("Refreshes by itself");
      Browser.go("#/imports");
      awaitText("scoped.csv");
      organization.importOf("csv", "asked_for.csv", "pending");
      awaitText("asked_for.csv");
    }
  }

  @Test
  void the_key_stays_in_the_tab_and_is_asked_for_again_when_it_ends() {
    var organization = Organization.create();
    Browser.open(service() + "/console/#/feed");
    Browser.type("input[name=credential]", "sk_that_nobody_knows" + Keys.ENTER);
    awaitText("does not accept this key or token");
    String key = RunningService.newKeyOf(organization.id, "imports:read", "imports:audit");
    Browser.enter(service(), key, "#/feed");
    awaitText("Live");
    assertThat(
            String.valueOf(
                js("return location.href + document.cookie + JSON.stringify(localStorage)")))
        .doesNotContain(key);
    js("location.reload()");
    awaitText("Nothing has happened yet");

    RunningService.owner()
        .update("delete from api_key where organization = ?::uuid", organization.id);
    awaitText("Enter one that is valid");
    assertThat(js("return sessionStorage.length")).isEqualTo(0L);
    Browser.type("input[name=credential]", "ключ" + Keys.ENTER);
    awaitText("no characters beyond ASCII");
  }

  @Test
  void texts_of_others_neither_run_nor_hide_nor_stretch_a_page() {
    var organization = Organization.create();
    organization.importOf("source " + SCRIPT, SCRIPT, "pending");
    organization.importOf("csv", TURNED, "failed");
    String id = organization.importOf("x".repeat(255), "ｗ".repeat(512), "completed");
    organization.importOf("csv", "y".repeat(1024), "completed");
    for (String place :
        List.of("#/imports", "#/feed", "#/as-of?at=2999-01-01T00:00:00Z", "#/imports/" + id)) {
      Browser.enter(service(), organization.key, place);
      awaitText(place.endsWith(id) ? "Timeline" : "<img src=x onerror");
      if (!place.endsWith(id)) awaitText("U+202E");
      assertThat(js("return window.ran ?? null")).isNull();
      assertThat(number("return document.querySelectorAll('main img, main script').length"))
          .isZero();
      assertThat(number("return document.documentElement.scrollWidth - innerWidth"))
          .as(place)
          .isLessThanOrEqualTo(0);
      assertThat(
              number(
                  "const main = document.getElementById('main'); return main.scrollWidth -"
                      + " main.clientWidth"))
          .as(place)
          .isLessThanOrEqualTo(0);
    }
    Browser.picture("hostile-one-light");
    Browser.go("#/imports");
    awaitText("U+202E");
    Browser.picture("hostile-list-light");
    // If one did get in, the browser would not run it.
    assertThat(
            js(
                """
                const tries = [
                  () => document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="window.ran=1">'),
                  () => { const s = document.createElement('script'); s.text = 'window.ran=1'; document.body.append(s); },
                  () => { const b = document.createElement('b'); b.setAttribute('onclick', 'window.ran=1'); document.body.append(b); b.click(); },
                  () => window.eval('window.ran=1'),
                  () => { const s = document.createElement('script'); s.src = 'data:text/javascript,window.ran=1'; document.body.append(s); }];
                // What a driver runs itself may do more than a page may.
                return new Promise(done => setTimeout(() => {
                  for (const one of tries) { try { one(); } catch (refused) { /* as it should be */ } }
                  setTimeout(() => done(window.ran ?? null), 100);
                }));
                """))
        .isNull();
    assertThat(
            Browser.js(
                "return new Promise(done => { document.addEventListener('securitypolicyviolation',"
                    + " one => done(one.effectiveDirective), {once: true});"
                    + " fetch('https://example.org/').catch(() => {}); })"))
        .isEqualTo("connect-src");
  }

  @ParameterizedTest
  @ValueSource(strings = {"light", "dark"})
  void pages_are_good_for_everybody_in_both_colours_and_on_a_phone(String colours) {
    var organization = Organization.create();
    String last = "";
    String[] sources = {
      "salesforce", "hubspot", "csv_upload", "webhook", "google_sheets", "pipedrive"
    };
    for (int i = 0; i < 30; i++) {
      last =
          organization.importOf(
              sources[i * i % 6],
              i % 7 == 3 ? null : sources[i * i % 6] + "_leads_q" + (i % 4 + 1) + "_2026.csv",
              List.of("pending", "processing", "completed", "failed").get(i * 7 % 4));
    }
    organization.change(last, Map.of("status", "processing", "total_rows", 1250));
    organization.change(last, Map.of("status", "completed"));
    String then = java.time.Instant.now().toString();
    organization.change(last, Map.of("status", "failed", "total_rows", 1251));
    Browser.colours(colours);
    Browser.open(service() + "/console/");
    awaitText("Imports console");
    Browser.assertGood("enter-" + colours);
    Browser.enter(service(), organization.key, "");
    awaitText("30 in all");
    await("return document.querySelector('.plot canvas') !== null");
    await("return document.querySelector('.figure strong')?.innerText === '30'");
    js("document.querySelector('[role=grid]').focus({preventScroll: true})");
    Browser.press(Keys.ARROW_DOWN);
    Browser.assertGood("imports-" + colours);
    String one = "#/imports/" + last;
    var pages =
        Map.of(
            "one", new String[] {one, "Timeline"},
            "one-then", new String[] {one + "?as_of=" + then, "Back to now"},
            "feed", new String[] {"#/feed", "Events appear as they happen"},
            "as-of", new String[] {"#/as-of?at=" + then, "30 imports at"},
            "difference",
                new String[] {"#/as-of?at=" + then + "&until=2999-01-01T00:00:00Z", "1 in all"});
    for (String name :
        Stream.concat(Stream.of("imports"), pages.keySet().stream().sorted()).toList()) {
      String[] page = pages.getOrDefault(name, new String[] {"#/imports", "30 in all"});
      Browser.go(page[0]);
      awaitText(page[1]);
      await(
          "return document.querySelectorAll('.timeline > li, .feed > li, .body > .row').length >"
              + " 0");
      if (!name.equals("imports")) Browser.assertGood(name + "-" + colours);
      Browser.size(390, 844);
      await("return innerWidth === 390");
      assertThat(
              number(
                  "const main = document.getElementById('main'); return main.scrollWidth -"
                      + " main.clientWidth"))
          .as(name)
          .isLessThanOrEqualTo(0);
      if (colours.equals("light")) Browser.assertGood(name + "-phone");
      Browser.size(1440, 900);
    }
  }
}
