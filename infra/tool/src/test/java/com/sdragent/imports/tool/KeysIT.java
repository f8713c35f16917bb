package com.sdragent.imports.tool;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.access.keys.KeyToken;
import com.sdragent.imports.testservers.TestPostgres;
import com.sdragent.imports.tool.terminal.ExitCode;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Keys that an operator makes without any key. */
class KeysIT {
  private static final WrittenStore store = new WrittenStore();
  private static final String ORGANIZATION = "--organization=" + WrittenStore.ORG;

  @AfterAll
  static void close() {
    store.close();
  }

  @Test
  void the_first_key_is_printed_once_and_listed_without_its_secret() {
    WrittenStore.Outcome created =
        store.tool(
            "keys",
            "create",
            ORGANIZATION,
            "--name=the first",
            "--scope=imports:read,admin",
            "--network=10.0.0.0/8",
            "--expires-at=2999-01-31T12:00Z");
    assertThat(created.exitCode()).as(created.err()).isZero();
    KeyToken key = KeyToken.parse(created.out().strip()).orElseThrow();
    WrittenStore.Outcome listed = store.tool("keys", "list", ORGANIZATION);
    assertThat(listed.out())
        .contains(
            key.id()
                + "  of "
                + WrittenStore.ORG
                + "  the first  imports:read,admin  from 10.0.0.0/8")
        .contains("expires 2999-01-31T12:00:00Z", "never used")
        .doesNotContain(key.secretText());

    WrittenStore.Outcome rotated = store.tool("keys", "rotate", key.id(), "--overlap-seconds=60");
    assertThat(KeyToken.parse(rotated.out().strip())).map(KeyToken::id).contains(key.id());
    assertThat(rotated.out()).doesNotContain(key.secretText());
    assertThat(store.tool("keys", "revoke", key.id()).exitCode()).isZero();
    assertThat(store.tool("keys", "list").out()).doesNotContain(key.id());
    WrittenStore.Outcome again = store.tool("keys", "revoke", key.id());
    assertThat(again.exitCode()).isEqualTo(ExitCode.COULD_NOT_LOOK);
    assertThat(again.err()).contains("There is no key with this id");
    assertThat(
            store.sql.queryForList(
                "select actor_kind || ' ' || (actor = current_user) || ' ' || action || ' ' ||"
                    + " outcome from audit_entry join audit_outcome on entry_id = id where target ="
                    + " ? order by id",
                String.class,
                key.id()))
        .containsExactly(
            "login true key.create done",
            "login true key.rotate done",
            "login true key.revoke done");
  }

  @Test
  void where_nothing_can_be_written_keys_are_listed_and_none_is_made() {
    store.sql.execute(DATABASE.formatted("set default_transaction_read_only = on"));
    try {
      WrittenStore.Outcome refused =
          store.tool("keys", "create", ORGANIZATION, "--name=k", "--scope=imports:read");
      assertThat(refused.exitCode()).isEqualTo(ExitCode.COULD_NOT_LOOK);
      assertThat(refused.err())
          .contains("No server there takes changes: --url names a standby, and this needs");
      assertThat(store.tool("keys", "list").exitCode()).isZero();
    } finally {
      store.sql.execute(
          "begin read write;"
              + DATABASE.formatted("reset default_transaction_read_only")
              + "; commit");
    }
  }

  private static final String DATABASE =
      "do $$ begin execute format('alter database %%I %s', current_database()); end $$";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--scope=operator | operator is given by configuration only",
        "--scope=all | --scope must be",
        "--network=10.0.0.1/8 | --network must be",
        "--environment=LIVE | --environment must be",
        "--expires-at=2001-01-31T12:00Z | --expires-at must be in the future"
      })
  void what_no_key_may_be_is_wrong_use(String option, String told) {
    WrittenStore.Outcome refused =
        option.startsWith("--scope")
            ? store.tool("keys", "create", ORGANIZATION, "--name=k", option)
            : store.tool("keys", "create", ORGANIZATION, "--name=k", "--scope=admin", option);
    assertThat(refused.exitCode()).isEqualTo(ExitCode.WRONG_USE);
    assertThat(refused.err()).contains(told);
  }

  @Test
  void for_a_machine_all_of_it_is_json_and_so_is_what_fails() {
    JsonNode made =
        json(store.tool("keys", "create", ORGANIZATION, "--name=k", "--scope=admin", "--json"));
    String id = made.get("id").stringValue();
    assertThat(KeyToken.parse(made.get("key").stringValue())).map(KeyToken::id).contains(id);
    assertThat(json(store.tool("keys", "rotate", id, "--json")).get("key").stringValue())
        .contains("_" + id + "_");
    JsonNode listed = json(store.tool("keys", "list", ORGANIZATION, "--json"));
    assertThat(listed)
        .anySatisfy(key -> assertThat(key.get("id").stringValue()).isEqualTo(id))
        .allSatisfy(key -> assertThat(key.has("key")).isFalse());
    assertThat(json(store.tool("keys", "revoke", id, "--json")).get("revoked").booleanValue())
        .isTrue();

    WrittenStore.Outcome again = store.tool("keys", "revoke", id, "--json");
    assertThat(again.exitCode()).isEqualTo(ExitCode.COULD_NOT_LOOK);
    assertThat(json(again).get("error").stringValue()).contains("There is no key with this id");
    WrittenStore.Outcome whole =
        store.tool("keys", "revoke", made.get("key").stringValue(), "--json");
    assertThat(whole.exitCode()).isEqualTo(ExitCode.WRONG_USE);
    assertThat(whole.out()).contains("never the key itself").doesNotContain(id);
  }

  private static JsonNode json(WrittenStore.Outcome outcome) {
    assertThat(outcome.err()).isEmpty();
    return JsonMapper.shared().readTree(outcome.out());
  }

  @Test
  void a_store_of_another_version_or_a_role_without_rights_is_named_with_the_way_out() {
    TestPostgres.Database empty = TestPostgres.freshDatabase();
    WrittenStore.Outcome old =
        WrittenStore.run(
            List.of(
                "keys",
                "list",
                "--url=" + empty.jdbcUrl(),
                "--user=" + empty.username(),
                "--password=" + empty.password()));
    assertThat(old.exitCode()).isEqualTo(ExitCode.COULD_NOT_LOOK);
    assertThat(old.err()).contains("an older or a newer version", "migrates when it starts");

    store.sql.execute("create role keys_it_nobody login password 'x'");
    WrittenStore.Outcome refused =
        WrittenStore.run(
            List.of(
                "keys",
                "list",
                "--url=" + store.database.jdbcUrl(),
                "--user=keys_it_nobody",
                "--password=x"));
    assertThat(refused.exitCode()).isEqualTo(ExitCode.COULD_NOT_LOOK);
    assertThat(refused.err()).contains("--user must be a member of", "imports_appender");
    store.sql.execute("drop role keys_it_nobody");
  }

  @Test
  void without_saying_what_to_do_it_is_wrong_use() {
    assertThat(WrittenStore.run(List.of("keys")).exitCode()).isEqualTo(ExitCode.WRONG_USE);
  }
}
