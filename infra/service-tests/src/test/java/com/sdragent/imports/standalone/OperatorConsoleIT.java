package com.sdragent.imports.standalone;

import static com.sdragent.imports.standalone.Browser.await;
import static com.sdragent.imports.standalone.Browser.awaitNoText;
import static com.sdragent.imports.standalone.Browser.awaitText;
import static com.sdragent.imports.standalone.Browser.click;
import static com.sdragent.imports.standalone.Browser.js;
import static com.sdragent.imports.standalone.RunningService.OPERATOR_KEY;
import static com.sdragent.imports.standalone.RunningService.ask;
import static com.sdragent.imports.standalone.RunningService.newImport;
import static com.sdragent.imports.standalone.RunningService.request;
import static com.sdragent.imports.standalone.RunningService.send;
import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.eventstore.EventLog;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.Keys;
import org.springframework.jdbc.core.JdbcTemplate;

/** The console's pages for operators and administrators, in a browser. */
class OperatorConsoleIT {
  private final JdbcTemplate owner = RunningService.owner();

  @BeforeAll
  static void browser() {
    Browser.assumeThere();
  }

  @AfterEach
  void as_before() {
    Browser.size(1440, 900);
    Browser.colours("light");
  }

  private static void operate(String place) {
    Browser.enter("http://localhost:" + RunningService.port(), OPERATOR_KEY, place);
  }

  /** Presses the first such button of the part of the page with this heading. */
  private static void clickIn(String heading, String button) {
    String find =
        "[...document.querySelectorAll('.card')].find(one => one.querySelector('h2')?.innerText ==="
            + " arguments[0])?.querySelectorAll('button') ?? []";
    await(
        "return [..." + find + "].some(one => one.innerText === arguments[1] && !one.disabled)",
        heading,
        button);
    js("[..." + find + "].find(one => one.innerText === arguments[1]).click()", heading, button);
  }

  @Test
  void operators_see_how_far_each_is_and_who_works_and_it_goes_on_by_itself() {
    operate("");
    awaitText("Read model of imports");
    awaitText("Published to contract.events");
    await("return [...document.querySelectorAll('.pill')].some(one => one.innerText === 'off')");
    await("return document.querySelectorAll('.live-plots canvas').length === 2");
    awaitText(com.sdragent.imports.loops.ThisNode.name());
    newImport(Map.of("source", "s"));
    long head = RunningService.bean(EventLog.class).head();
    awaitText(String.format(java.util.Locale.ROOT, "%,d", head));
    assertThat(
            js("return [...document.querySelectorAll('nav li')].map(one => one.innerText).join()"))
        .isEqualTo("Operate,Proof");
  }

  @Test
  void a_rebuild_is_asked_about_followed_and_names_the_rows_that_differed() {
    String id = newImport(Map.of("source", "s", "total_rows", 1));
    assertThat(ask("GET", "/imports/" + id).statusCode()).isEqualTo(200);
    owner.update("update import_view set total_rows = 4711 where id = ?::uuid", id);
    operate("#/operate/rebuilds");
    clickIn("Read model of imports", "Rebuild…");
    awaitText("All events are read again into a second table.");
    click("Cancel");
    awaitNoText("All events are read again");
    assertThat(
            owner.queryForObject(
                "select count(*) from projection_rebuild where state = 'running'", Long.class))
        .isZero();

    clickIn("Read model of imports", "Rebuild…");
    click("Rebuild it");
    awaitText("Rows that were not what the events say");
    awaitText(id);
    awaitText("4711");
    await(
        "return [...document.querySelectorAll('.card .pill')].some(one => one.innerText ==="
            + " 'completed')");
    Browser.picture("rebuilds-light");
    Browser.go("#/operate/audit?action=rebuild.start");
    awaitText("rebuild.start");
    awaitText("key 6");
    Browser.go("#/operate/audit?action=key.create&actor=nobody");
    awaitText("Nothing passes these filters");
  }

  @Test
  void a_rebuild_that_runs_is_cancelled_after_a_question() throws SQLException {
    // Whoever takes a step needs this lock.
    try (Connection holder = Objects.requireNonNull(owner.getDataSource()).getConnection();
        Statement statement = holder.createStatement()) {
      statement.execute(
          "select pg_advisory_lock(4919131752989213765 + " + "summary".hashCode() + ")");
      operate("#/operate/rebuilds");
      clickIn("Summary of imports", "Rebuild…");
      click("Rebuild it");
      clickIn("Summary of imports", "Cancel the rebuild…");
      awaitText("What it has made so far is thrown away");
      Browser.picture("rebuild-cancel-light");
      js("document.querySelector('dialog .danger').click()");
      await(
          "return [...document.querySelectorAll('.card .pill')].some(one => one.innerText ==="
              + " 'cancelled')");
    }
  }

  @Test
  void a_replay_is_counted_before_it_is_published_and_cancelled() {
    newImport(Map.of("source", "s"));
    newImport(Map.of("source", "s"));
    String target = "imports.replay." + UUID.randomUUID();
    operate("#/operate/replays");
    awaitText("A new replay");
    Browser.type("input[pattern]", target.substring("imports.replay.".length()));
    Browser.type("input[type=number]", "1");
    click("Count (dry run)");
    awaitText(target);
    awaitText("counted only");

    click("Publish…");
    awaitText("Every selected event is published once more");
    click("Cancel");
    awaitNoText("Every selected event");
    click("Publish…");
    click("Publish them");
    clickIn("Replays", "Cancel…");
    awaitText("It cannot be gone on with");
    js("document.querySelector('dialog .danger').click()");
    await(
        "return [...document.querySelectorAll('tr')].some(one =>"
            + " one.innerText.includes(arguments[0]) && one.innerText.includes('cancelled'))",
        target);
    click("Publish…");
    Browser.press(Keys.ESCAPE);
    awaitNoText("Every selected event");
  }

  @Test
  void a_parked_event_is_retried_and_discarded_by_what_a_question_says() {
    String table =
        "import_row_"
            + owner.queryForObject(
                "select generation % 2 from projection where name = 'imports'", Integer.class);
    String id = newImport(Map.of("source", "s"));
    ask("GET", "/imports/" + id);
    operate("#/operate/parked");
    awaitText("Nothing is parked.");
    owner.execute(
        "alter table "
            + table
            + " add constraint of_the_console check (source <> 'poison') not valid");
    try {
      ask("PUT", "/imports/" + id, "{\"source\":\"poison\"}");
      ask("PUT", "/imports/" + id, "{\"status\":\"failed\"}");
      ask("GET", "/imports/" + id);
      Browser.go("#/operate");
      Browser.go("#/operate/parked");
      awaitText("of_the_console");
      awaitText("waits behind another of its import");
      Browser.picture("parked-light");
      clickIn("Read model of imports", "Retry…");
      awaitText("It is applied again");
      click("Retry it");
      awaitText("Of the import, 0 went through and 2 are still parked.");
      clickIn("Read model of imports", "Discard…");
      awaitText("The rows leave it out, after every rebuild too");
      click("Discard it for good");
      awaitText("Of the import, 1 went through and 0 are still parked.");
      awaitNoText("of_the_console");
    } finally {
      owner.execute("alter table " + table + " drop constraint of_the_console");
      owner.update("delete from parked_event where import_id = ?::uuid", id);
    }
    Browser.go("#/operate/audit");
    awaitText("parked.discard");
  }

  @Test
  void a_key_is_made_shown_once_rotated_and_revoked() {
    String organization = UUID.randomUUID().toString();
    String admin = RunningService.newKeyOf(organization, "imports:read", "admin");
    Browser.enter("http://localhost:" + RunningService.port(), admin, "#/keys");
    awaitText("your own");
    click("Create a key…");
    awaitText("imports:audit, which yours lacks");
    Browser.picture("keys-make-light");
    Browser.type("dialog input[required]", "nightly <img src=x onerror=window.ran=1>");
    click("Create it");
    awaitText("it is not shown again");
    String made = String.valueOf(js("return document.querySelector('.secret .key').innerText"));
    assertThat(send(request("GET", "/imports/").header("X-API-Key", made)).statusCode())
        .isEqualTo(200);
    Browser.assertGood("keys-shown-light");
    click("I have it: put it away");
    awaitNoText(made);
    assertThat(
            js(
                "return document.documentElement.outerHTML + JSON.stringify({...localStorage,"
                    + " ...sessionStorage}) + location.href"))
        .asString()
        .doesNotContain(made);
    assertThat(js("return window.ran ?? null")).isNull();

    js(
        "[...document.querySelectorAll('tr')].find(one =>"
            + " one.innerText.includes('nightly')).querySelector('button').click()");
    awaitText("gets another secret");
    click("Give it another secret");
    awaitText("it is not shown again");
    assertThat(js("return document.querySelector('.secret .key').innerText")).isNotEqualTo(made);
    awaitText("its secret before");

    // The own one: this tab goes on with the new secret, which is seen until it is put away.
    String own =
        "const own = [...document.querySelectorAll('tr')].find(one => one.innerText.includes('your"
            + " own')); ";
    js(own + "own.querySelector('button').click()");
    awaitText("You are using this key here");
    click("Give it another secret");
    await(own + "return own?.innerText.includes('its secret before')");
    await(
        "return document.querySelector('.secret .key').innerText ==="
            + " sessionStorage.getItem('imports.console.credential')");
    assertThat(js("return sessionStorage.getItem('imports.console.credential')"))
        .isNotEqualTo(admin);
    click("I have it: put it away");
    awaitNoText("it is not shown again");

    js(
        "[...document.querySelectorAll('tr')].find(one =>"
            + " one.innerText.includes('nightly')).querySelector('.danger').click()");
    awaitText("This cannot be taken back.");
    click("Revoke it for good");
    await(
        "return ![...document.querySelectorAll('td')].some(one =>"
            + " one.innerText.includes('nightly'))");
    Browser.go("#/keys/audit");
    awaitText("key.revoke");
    awaitText("key.create");
  }

  @Test
  void a_checkpoint_is_told_by_what_it_covers_and_who_verified_last() throws Exception {
    newImport(Map.of("source", "s"));
    owner.update("delete from verification");
    operate("#/proof");
    awaitText("Nobody has noted that this store was verified");
    Browser.picture("proof-none-light");
    owner.update(
        "insert into verification (kind, from_position, position, hash, compared, findings,"
            + " checkpoint, key) values ('verify', 1, 1, sha256(''), true, 0, null, null),"
            + " ('checkpoint', 1, 1, sha256(''), false, 0, repeat('a', 64), repeat('b', 64))");
    Browser.go("#/operate");
    Browser.go("#/proof");
    awaitText("Last checkpoint");
    awaitText("nothing wrong");

    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    long head = RunningService.bean(EventLog.class).head();
    String checkpoint = StatusIT.checkpoint(pair, 1, head, StatusIT.hash(head), null);
    fill("textarea", 0, checkpoint);
    click("Check");
    awaitText("Nothing is covered.");
    awaitText("the key that it names was not given");
    fill(
        "textarea",
        1,
        "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n"
            .formatted(Base64.getEncoder().encodeToString(pair.getPublic().getEncoded())));
    click("Check");
    awaitText(
        "All is right. The checkpoint covers positions 1 to "
            + String.format(java.util.Locale.ROOT, "%,d", head));
    Browser.assertGood("proof-light");
    // An alarm has to have a ground: a signature, and this store.
    fill("textarea", 0, StatusIT.checkpoint(pair, 2, head, StatusIT.hash(head - 1), null));
    click("Check");
    awaitText("this store has another event there");
    assertThat(Browser.text()).doesNotContain("the past was rewritten");
    fill("textarea", 0, StatusIT.checkpoint(pair, 1, head, StatusIT.hash(head - 1), null));
    click("Check");
    awaitText("the past was rewritten");
    fill("textarea", 0, "");
    js(
        """
        const transfer = new DataTransfer();
        transfer.items.add(new File([(arguments[0] + '\\n').repeat(9000)], 'log.jsonl'));
        const field = document.querySelector('input[type=file]');
        field.files = transfer.files;
        field.dispatchEvent(new Event('change', {bubbles: true}));
        """,
        checkpoint);
    awaitText("It is long: its last checkpoints are looked at");
    assertThat(js("return document.querySelector('textarea').value")).isEqualTo("");
    click("Check");
    awaitText("its last checkpoints were looked at");
    fill("textarea", 0, "nonsense");
    click("Check");
    awaitText("must be the text of a file that imports-tool checkpoint has written");
  }

  private static void fill(String css, int index, String text) {
    js(
        "const one = document.querySelectorAll(arguments[0])[arguments[1]]; one.value ="
            + " arguments[2]; one.dispatchEvent(new Event('input', {bubbles: true}))",
        css,
        index,
        text);
  }

  @ParameterizedTest
  @CsvSource({"imports:read", "imports:write", "imports:audit", "admin"})
  void a_key_without_the_scope_sees_no_page_of_operators(String scope) {
    String key = RunningService.newKeyOf(UUID.randomUUID().toString(), scope);
    Browser.enter("http://localhost:" + RunningService.port(), key, "");
    await("return document.querySelector('nav') !== null");
    String pages =
        String.valueOf(
            js("return [...document.querySelectorAll('nav li')].map(one => one.innerText).join()"));
    assertThat(pages).doesNotContain("Operate", "Proof");
    assertThat(pages.contains("Keys")).isEqualTo(scope.equals("admin"));
    for (String page : List.of("operate", "proof")) {
      Browser.go("#/" + page);
      awaitText("It needs the scope operator.");
    }
    Browser.go("#/keys");
    awaitText(scope.equals("admin") ? "your own" : "It needs the scope admin.");
  }

  @ParameterizedTest
  @CsvSource({"light", "dark"})
  void pages_of_operators_are_good_for_everybody_in_both_colours_and_on_a_phone(String colours) {
    newImport(Map.of("source", "s"));
    operate("");
    Browser.colours(colours);
    var pages =
        Map.of(
            "progress", "Published to",
            "rebuilds", "Summary of imports",
            "replays", "A new replay",
            "parked", "Publishing to Kafka",
            "audit", "Done to");
    for (String page : List.of("progress", "rebuilds", "replays", "parked", "audit")) {
      Browser.go("#/operate/" + page);
      awaitText(Objects.requireNonNull(pages.get(page)));
      assertFits("operate-" + page, colours);
    }
    Browser.go("#/proof");
    awaitText("What does a checkpoint cover?");
    assertFits("proof", colours);
    String admin = RunningService.newKeyOf(UUID.randomUUID().toString(), "imports:read", "admin");
    Browser.enter("http://localhost:" + RunningService.port(), admin, "#/keys");
    Browser.colours(colours);
    awaitText("your own");
    assertFits("keys", colours);
  }

  private static void assertFits(String name, String colours) {
    Browser.assertGood(name + "-" + colours);
    if (colours.equals("dark")) return;
    Browser.size(390, 844);
    await("return innerWidth === 390");
    assertThat(
            ((Number)
                    Objects.requireNonNull(
                        js(
                            "const main = document.getElementById('main'); return main.scrollWidth"
                                + " - main.clientWidth")))
                .longValue())
        .as(name)
        .isLessThanOrEqualTo(0);
    Browser.picture(name + "-phone");
    Browser.size(1440, 900);
  }
}
