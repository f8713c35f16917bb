package com.sdragent.imports.tool.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.events.EventRevisions;
import com.sdragent.imports.testservers.TestPostgres;
import com.sdragent.imports.tool.WrittenStore;
import com.sdragent.imports.tool.WrittenStore.Outcome;
import com.sdragent.imports.tool.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** What a superuser can do to the past with plain SQL, and what finds it. */
class ManipulationsIT {
  private static final int IMPORTS = 10;
  private static final int EVENTS = 3 * IMPORTS;

  /** With an import, a key and a checkpoint of it: copied for each test. */
  private static final WrittenStore ORIGINAL = new WrittenStore();

  @TempDir private static Path originalFiles = Path.of("");
  @TempDir private Path files = Path.of("");
  private final WrittenStore store = ORIGINAL.copy();

  @BeforeAll
  static void aStoreWithACheckpoint() {
    ORIGINAL.append(IMPORTS);
    keys(originalFiles, "key.pem", "key.pub.pem");
    assertThat(
            ORIGINAL.tool(
                "checkpoint",
                "--private-key=" + originalFiles.resolve("key.pem"),
                "--output=" + originalFiles.resolve("checkpoint.json")))
        .isEqualTo(new Outcome(ExitCode.ALL_IS_WELL, "", ""));
    ORIGINAL.close();
  }

  @BeforeEach
  void itsFiles() throws IOException {
    for (String name : List.of("key.pem", "key.pub.pem", "checkpoint.json")) {
      Files.copy(originalFiles.resolve(name), files.resolve(name));
    }
  }

  @AfterEach
  void close() {
    store.close();
  }

  private static void keys(Path files, String privateKey, String publicKey) {
    assertThat(
            WrittenStore.run(
                List.of(
                    "signing-keys",
                    "--private-key=" + files.resolve(privateKey),
                    "--public-key=" + files.resolve(publicKey))))
        .isEqualTo(new Outcome(ExitCode.ALL_IS_WELL, "", ""));
  }

  private Outcome verifyWithCheckpoint() {
    return store.tool(
        "verify",
        "--checkpoint=" + files.resolve("checkpoint.json"),
        "--public-key=" + files.resolve("key.pub.pem"));
  }

  /** A forged creation beside an event, with its hash. */
  private static final String SECOND =
      """
      alter table domain_event drop constraint domain_event_pkey;
      insert into domain_event
      select position, gen_random_uuid(), 0, gen_random_uuid(), event_type, revision, organization,
             occurred_at, payload, metadata, hash
      from domain_event where position = %s
      """;

  /** Chain breakers: SQL, the kind that is told and the first position that is wrong. */
  enum Breaking {
    A_PAYLOAD_EDITED(
        "update domain_event set payload = replace(payload::text, 'a.csv', 'b.csv')::json where"
            + " position = 7",
        "edited",
        7),
    ITS_WHITE_SPACE_EDITED(
        "update domain_event set payload = (payload::text || ' ')::json where position = 8",
        "edited",
        8),
    THE_ACTOR_EDITED(
        "update domain_event set metadata = '{\"actor\":\"somebody else\"}' where position = 9",
        "edited",
        9),
    A_TIME_MOVED_BY_A_MICROSECOND(
        "update domain_event set occurred_at = occurred_at + interval '1 microsecond' where"
            + " position = 10",
        "edited",
        10),
    AN_EVENT_GIVEN_TO_ANOTHER_ORGANIZATION(
        "update domain_event set organization = gen_random_uuid() where position = 11",
        "edited",
        11),
    THE_LAST_EVENT_EDITED(
        "update domain_event set revision = 2 where position = 30", "edited", EVENTS),
    AN_EVENT_REMOVED("delete from domain_event where position = 12", "removed", 12),
    AN_EVENT_REMOVED_AND_THE_GAP_CLOSED(
        """
        delete from domain_event where position = 13;
        update domain_event set position = -position where position > 13;
        update domain_event set position = -position - 1 where position < 0
        """,
        "removed",
        13),
    AN_EVENT_INSERTED_AND_THE_OTHERS_MOVED(
        """
        update domain_event set position = -position where position >= 14;
        update domain_event set position = -position + 1 where position < 0;
        insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type,
                                  revision, organization, occurred_at, payload, metadata)
        select 14, gen_random_uuid(), 0, gen_random_uuid(), event_type, revision, organization,
               occurred_at, payload, metadata
        from domain_event where position = 1
        """,
        "inserted",
        14),
    TWO_NEIGHBOURS_EXCHANGED(
        """
        update domain_event set position = -1 where position = 15;
        update domain_event set position = 15 where position = 16;
        update domain_event set position = 16 where position = -1
        """,
        "reordered",
        15),
    TWO_DISTANT_EVENTS_EXCHANGED(
        """
        update domain_event set position = -1 where position = 17;
        update domain_event set position = 17 where position = 25;
        update domain_event set position = 25 where position = -1
        """,
        "reordered",
        17),
    A_HASH_OVERWRITTEN(
        "update domain_event set hash = sha256('x') where position = 18", "edited", 18),
    AN_EVENT_BEFORE_THE_FIRST(
        """
        insert into domain_event
        select 0, gen_random_uuid(), 0, gen_random_uuid(), event_type, revision, organization,
               occurred_at, payload, metadata, hash
        from domain_event where position = 1
        """,
        "inserted",
        0),
    A_SECOND_EVENT_AT_A_POSITION(SECOND.formatted(7), "inserted", 7),
    A_SECOND_EVENT_AT_THE_LAST_POSITION(SECOND.formatted(EVENTS), "inserted", EVENTS),
    A_SECOND_ONE_IN_A_TABLE_BELOW(
        "create table below () inherits (domain_event);"
            + "insert into below select * from domain_event where position = 30",
        "schema",
        null),
    AN_EVENT_WITHOUT_A_POSITION(
        "alter table domain_event drop constraint domain_event_pkey, alter position drop not null;"
            + "insert into domain_event select null, gen_random_uuid(), "
            + "sequence_number, event_id, event_type, revision, organization, occurred_at, "
            + "payload, metadata, hash from domain_event where position = 4",
        "inserted",
        null),
    A_NUMBER_TAKEN_AWAY(
        "alter table domain_event alter sequence_number drop not null;"
            + "update domain_event set sequence_number = null where position = 4",
        "edited",
        4),
    A_VIEW_IN_ITS_PLACE(
        "alter table domain_event rename to away; create view domain_event as select * from away",
        "schema",
        null);

    final String statements;
    final String kind;
    final @Nullable Integer position;

    Breaking(String statements, String kind, @Nullable Integer position) {
      this.statements = statements;
      this.kind = kind;
      this.position = position;
    }
  }

  /** Changes by somebody who knows the chain and keeps it whole. */
  enum Rewriting {
    THE_TAIL_CUT("delete from domain_event where position > 27", "cut at position 28"),
    AN_EVENT_EDITED_AND_THE_CHAIN_WRITTEN_ANEW(
        "update domain_event set metadata = '{\"actor\":\"nobody\"}' where position = 5;" + RELINK,
        "rewritten at position 1"),
    AN_IMPORT_S_WHOLE_PAST_REMOVED_AND_THE_CHAIN_WRITTEN_ANEW(
        """
        delete from import_view where id = (select aggregate_id from domain_event where position = 4);
        delete from domain_event where aggregate_id =
          (select aggregate_id from domain_event where position = 4);
        update domain_event set position = -position where position > 6;
        update domain_event set position = -position - 3 where position < 0;
        """
            + RELINK,
        "cut at position 28"),
    AN_OLD_COPY("truncate domain_event; delete from import_view", "cut at position 1");

    final String statements;
    final String finding;

    Rewriting(String statements, String finding) {
      this.statements = statements;
      this.finding = finding;
    }
  }

  /** Computes the whole chain again. */
  static final String RELINK =
      """
      update domain_event e set hash = c.hash
      from (select position, domain_event_chain(decode(repeat('00', 32), 'hex'), position,
                   domain_event_digest(e.*)) over (order by position) as hash
            from domain_event e) c
      where c.position = e.position
      """;

  private void manipulate(String statements) {
    // A superuser may also take away what the schema forbids.
    store.sql.execute(
        "alter table domain_event drop constraint domain_event_position;" + statements);
    store.projectAll();
  }

  @Test
  void both_pass_on_the_untouched_store_and_on_what_is_appended_later() {
    store.append(5);
    Outcome plain = store.tool("verify");
    assertThat(plain.exitCode()).as(plain.toString()).isEqualTo(ExitCode.ALL_IS_WELL);
    assertThat(plain.out()).contains("events 1 to 45 are unaltered", "15 rows of the read model");
    assertThat(verifyWithCheckpoint().exitCode()).isEqualTo(ExitCode.ALL_IS_WELL);
  }

  @Test
  void a_database_with_hostile_defaults_is_verified_and_read_all_the_same() {
    TestPostgres.makeHostile(store.database);
    assertThat(store.tool("verify").exitCode()).isEqualTo(ExitCode.ALL_IS_WELL);
    assertThat(verifyWithCheckpoint().exitCode()).isEqualTo(ExitCode.ALL_IS_WELL);
  }

  @ParameterizedTest
  @EnumSource(Breaking.class)
  void what_breaks_the_chain_is_found_by_verify_with_its_first_position(Breaking change) {
    manipulate(change.statements);
    Outcome outcome = store.tool("verify");
    assertThat(outcome.exitCode()).isEqualTo(ExitCode.FOUND_WRONG);
    assertThat(outcome.out())
        .contains(
            change.kind
                + (change.position == null ? ": " : " at position " + change.position + ":"))
        .doesNotContain("unaltered");
  }

  @ParameterizedTest
  @EnumSource(Rewriting.class)
  void what_keeps_the_chain_whole_is_found_with_a_checkpoint(Rewriting change) {
    manipulate(change.statements);
    assertThat(store.tool("verify", "--chain-only").exitCode()).isEqualTo(ExitCode.ALL_IS_WELL);
    Outcome outcome = verifyWithCheckpoint();
    assertThat(outcome.exitCode()).isEqualTo(ExitCode.FOUND_WRONG);
    assertThat(outcome.out()).contains(change.finding);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "null", "[]"})
  void a_payload_that_says_nothing_in_a_chain_that_was_written_anew_is_found(String payload) {
    manipulate("update domain_event set payload = '" + payload + "' where position = 5;" + RELINK);
    Outcome outcome = store.tool("verify");
    assertThat(outcome.exitCode()).isEqualTo(ExitCode.FOUND_WRONG);
    assertThat(outcome.out()).contains("WRONG  history at position 5");
  }

  @Test
  void a_store_that_no_query_node_was_started_on_is_verified_too() {
    storeASnapshot();
    store.sql.execute(
        "drop table import_row_0, import_row_1, projection, projection_position, parked_event"
            + " cascade");
    Outcome outcome = store.tool("verify");
    assertThat(outcome.exitCode()).as(outcome.toString()).isEqualTo(ExitCode.ALL_IS_WELL);
    assertThat(outcome.out()).contains("0 rows of the read model, 1 snapshots");
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 10, 29, 30})
  void a_second_event_is_read_wherever_a_chunk_ends(int position) throws SQLException {
    manipulate(SECOND.formatted(position));
    try (Connection connection = store.database.connect()) {
      var read = new ArrayList<Long>();
      new ChainReader(connection, 10).read(0, EVENTS, event -> read.add(event.position()));
      assertThat(read).hasSize(EVENTS + 1).containsOnlyOnce(1L, 11L, 21L, 28L);
    }
    Outcome outcome = store.tool("verify", "--chain-only");
    assertThat(outcome.exitCode()).isEqualTo(ExitCode.FOUND_WRONG);
    assertThat(outcome.out()).contains("inserted at position " + position + ":");
  }

  @ParameterizedTest
  @ValueSource(ints = {29, 30})
  void a_second_event_beside_the_signed_one_is_found_from_there_on(int position) {
    manipulate(SECOND.formatted(position));
    Outcome outcome =
        store.tool(
            "verify",
            "--since-last-checkpoint",
            "--checkpoint=" + files.resolve("checkpoint.json"),
            "--public-key=" + files.resolve("key.pub.pem"));
    assertThat(outcome.exitCode()).isEqualTo(ExitCode.FOUND_WRONG);
    assertThat(outcome.out()).contains("rewritten at position 30");
  }

  @Test
  void what_a_database_puts_before_postgresql_s_own_functions_is_not_asked() {
    store.sql.execute(
        """
        update import_row_0 set total_rows = 99 where total_rows = 3;
        create function public.to_json(r import_row_0) returns json language sql as $$
          select pg_catalog.row_to_json(t) from (select r.id, r.org_id, r.campaign_id, r.source, r.file_name, r.status,
            case r.total_rows when 99 then 3 else r.total_rows end as total_rows, r.created_at, r.updated_at, r.sequence) t $$
        """);
    Outcome outcome = store.tool("verify");
    assertThat(outcome.out()).contains("the row is not what its events say");
  }

  @ParameterizedTest
  @CsvSource({
    "in role pg_read_all_data, select, grant imports_reader to a_login_of_the_test",
    "in role imports_viewer, select, grant imports_reader to a_login_of_the_test",
    "in role imports_reader, create policy hidden on domain_event as restrictive using"
        + " (position <> 7), the policy hidden"
  })
  void a_login_that_does_not_see_all_rows_is_told_so_and_nothing_of_the_store(
      String member, String statement, String told) {
    store.sql.execute(
        "create role a_login_of_the_test login password 'a secret' %s; %s"
            .formatted(member, statement));
    try {
      for (String command :
          List.of(
              "verify",
              "verify --chain-only",
              "checkpoint --private-key=" + files.resolve("key.pem"))) {
        var all = new ArrayList<>(List.of(command.split(" ")));
        all.add("--url=" + store.database.jdbcUrl());
        all.add("--user=a_login_of_the_test");
        all.add("--password=a secret");
        Outcome outcome = WrittenStore.run(all);
        assertThat(outcome.exitCode()).as(outcome.toString()).isEqualTo(ExitCode.COULD_NOT_LOOK);
        assertThat(outcome.err()).contains(told);
        assertThat(outcome.out()).isEmpty();
      }
    } finally {
      store.sql.execute("drop role a_login_of_the_test");
    }
  }

  @Test
  void a_server_that_vanished_without_a_word_is_not_waited_for_for_ever() throws SQLException {
    var probe = new Probe();
    new CommandLine(probe)
        .parseArgs(
            "--url=" + store.database.jdbcUrl(),
            "--user=" + store.database.username(),
            "--password=" + store.database.password());
    try (Connection reading = probe.store.connect();
        Connection writing = probe.store.connectToWrite()) {
      assertThat(List.of(reading.getNetworkTimeout(), writing.getNetworkTimeout()))
          .containsOnly(300_000);
    }
  }

  @Command(name = "probe")
  private static final class Probe {
    @Mixin private StoreOptions store = new StoreOptions();
  }

  @Test
  void an_auditor_who_sees_all_rows_verifies_and_an_empty_store_is_called_empty() {
    store.sql.execute(
        "create role a_login_of_the_test login password 'a secret' in role imports_reader");
    try {
      List<String> verify =
          List.of(
              "verify",
              "--url=" + store.database.jdbcUrl(),
              "--user=a_login_of_the_test",
              "--password=a secret");
      assertThat(WrittenStore.run(verify).out()).contains("events 1 to 30 are unaltered");
      store.sql.execute("truncate domain_event; delete from import_view");
      store.projectAll();
      assertThat(WrittenStore.run(verify).out())
          .contains("OK      there is no event after position 0")
          .doesNotContain("unaltered");
    } finally {
      store.sql.execute("drop role a_login_of_the_test");
    }
  }

  @Test
  void a_log_that_lies_in_partitions_is_verified_as_one() {
    store.sql.execute(
        """
        alter table domain_event rename to first_part;
        create table domain_event (like first_part) partition by range (position);
        create table second_part (like first_part);
        with moved as (delete from first_part where position > 20 returning *)
        insert into second_part select * from moved;
        alter table domain_event attach partition first_part for values from (minvalue) to (21);
        alter table domain_event attach partition second_part for values from (21) to (maxvalue);
        """);
    Outcome whole = store.tool("verify");
    assertThat(whole.exitCode()).as(whole.toString()).isEqualTo(ExitCode.ALL_IS_WELL);
    assertThat(whole.out()).contains("events 1 to 30 are unaltered");
    store.sql.execute("update second_part set payload = '{}' where position = 25");
    assertThat(store.tool("verify").out()).contains("WRONG  edited at position 25");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "alter table import_row_0 drop constraint import_row_0_pkey;insert into import_row_0 select"
            + " id, org_id, campaign_id, source, 'x', status, total_rows, created_at, updated_at,"
            + " sequence from import_row_0 where total_rows = 3;insert into import_row_0 select id,"
            + " org_id, campaign_id, source, file_name, status, total_rows, created_at, updated_at,"
            + " sequence from import_row_0 where file_name <> 'x' and total_rows = 3",
        "alter table import_row_0 drop constraint import_row_0_pkey;"
            + "alter table visible_import_0 alter id drop not null;"
            + "insert into import_row_0 select null, org_id, campaign_id, source, file_name,"
            + " status, total_rows, created_at, updated_at, sequence from import_row_0 where"
            + " total_rows = 3",
        "alter table projection drop constraint projection_pkey cascade;"
            + "insert into projection select * from projection where name = 'imports'",
        "create table beside partition of visible_import_0 for values in"
            + " ('00000000-0000-0000-0000-000000000001')"
      })
  void rows_that_requests_may_see_beside_those_that_were_compared_are_found(String statements) {
    store.sql.execute(statements);
    Outcome outcome = store.tool("verify");
    assertThat(outcome.exitCode()).as(outcome.toString()).isEqualTo(ExitCode.FOUND_WRONG);
    assertThat(outcome.out()).containsAnyOf("WRONG  read-model", "WRONG  schema");
  }

  @Test
  void a_checkpoint_that_was_changed_or_signed_by_somebody_else_does_not_count()
      throws IOException {
    Path checkpoint = files.resolve("checkpoint.json");
    String original = Files.readString(checkpoint);
    Files.writeString(checkpoint, original.replace("\"position\" : 30", "\"position\" : 29"));
    assertThat(verifyWithCheckpoint().out()).contains("WRONG  signature");
    assertThat(verifyWithCheckpoint().exitCode()).isEqualTo(ExitCode.FOUND_WRONG);

    Files.writeString(checkpoint, original);
    keys(files, "other.pem", "other.pub.pem");
    Files.copy(
        files.resolve("other.pub.pem"),
        files.resolve("key.pub.pem"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertThat(verifyWithCheckpoint().out()).contains("WRONG  signature");
  }

  @Test
  void a_key_is_never_written_over_and_a_checkpoint_without_a_key_is_wrong_use() {
    assertThat(
            WrittenStore.run(
                    List.of(
                        "signing-keys",
                        "--private-key=" + files.resolve("key.pem"),
                        "--public-key=" + files.resolve("new.pem")))
                .exitCode())
        .isEqualTo(ExitCode.COULD_NOT_LOOK);
    assertThat(store.tool("verify", "--checkpoint=" + files.resolve("checkpoint.json")).exitCode())
        .isEqualTo(ExitCode.WRONG_USE);
  }

  @Test
  void a_row_of_the_read_model_that_is_not_what_the_events_say_is_found() {
    store.sql.update("update import_view set total_rows = 99 where total_rows = 3");
    store.sql.update("delete from import_view where total_rows = 4");
    Outcome outcome = store.tool("verify", "--json");
    assertThat(outcome.exitCode()).isEqualTo(ExitCode.FOUND_WRONG);
    assertThat(outcome.out())
        .contains("the row is not what its events say", "the row is missing", "\"ok\" : false");
  }

  @Test
  void a_row_with_another_version_than_its_events_give_it_is_found() {
    store.sql.update("update import_row_0 set sequence = sequence - 1 where total_rows = 3");
    Outcome outcome = store.tool("verify");
    assertThat(outcome.exitCode()).isEqualTo(ExitCode.FOUND_WRONG);
    assertThat(outcome.out()).contains("the row is not what its events say");
  }

  @Test
  void a_row_with_a_status_that_there_is_not_is_found_and_named() {
    store.sql.update("update import_view set status = 'lost' where total_rows = 3");
    String id =
        store.sql.queryForObject("select id from import_view where status = 'lost'", String.class);
    Outcome outcome = store.tool("verify");
    assertThat(outcome.exitCode()).isEqualTo(ExitCode.FOUND_WRONG);
    assertThat(outcome.out()).contains("WRONG  read-model (import " + id + ")", "status");
    assertThat(outcome.err()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "null", "[]", "{\"active\":null,\"deleted\":null}"})
  void a_snapshot_that_says_nothing_is_found(String payload) {
    storeASnapshot();
    store.sql.update("update snapshot set payload = ?::json", payload);
    Outcome outcome = store.tool("verify");
    assertThat(outcome.exitCode()).isEqualTo(ExitCode.FOUND_WRONG);
    assertThat(outcome.out()).contains("WRONG  snapshot at position 1");

    store.sql.update("update snapshot set revision = revision + 1");
    outcome = store.tool("verify");
    assertThat(outcome.exitCode()).as("one of the future").isEqualTo(ExitCode.ALL_IS_WELL);
    assertThat(outcome.out()).contains("1 not compared");
  }

  @Test
  void a_snapshot_that_is_not_what_the_events_say_is_found() {
    storeASnapshot();
    assertThat(store.tool("verify").out()).contains("1 snapshots");
    store.sql.update(
        "update snapshot set payload = replace(payload::text, 'a.csv', 'b.csv')::json");
    assertThat(store.tool("verify").out()).contains("WRONG  snapshot at position 1");
  }

  @Test
  void a_parked_import_is_not_compared_whether_it_has_a_row_or_not() {
    store.sql.update(
        """
        insert into parked_event (projection, position, import_id, organization, event_type, error)
        select 'imports', position, aggregate_id, organization, event_type, 'a test'
        from domain_event where position in (1, 4)
        """);
    store.sql.update("delete from import_view where total_rows = 0");
    store.sql.update("update import_view set total_rows = 99 where total_rows = 1");
    Outcome outcome = store.tool("verify");
    assertThat(outcome.exitCode()).as(outcome.toString()).isEqualTo(ExitCode.ALL_IS_WELL);
    assertThat(outcome.out()).contains("10 imports: 8 rows of the read model", "2 not compared");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 1000})
  void whatever_the_ranges_all_that_was_derived_is_compared(int range) throws SQLException {
    storeASnapshot();
    store.sql.update(
        "insert into snapshot select gen_random_uuid(), 7, 'Import', 1, now(), '{}' from"
            + " generate_series(1, 3)");
    store.sql.update(
        "insert into import_view select gen_random_uuid(), org_id, null, 's', null, 'pending', 0,"
            + " created_at, updated_at from import_view where total_rows < 5");
    store.sql.update("delete from import_view where total_rows = 9");
    try (Connection connection = store.database.connect()) {
      var comparison = new Comparison(connection, EventRevisions.published(), range, _ -> {});
      comparison.run();
      assertThat(comparison.imports()).isEqualTo(IMPORTS);
      assertThat(comparison.rowsHeld()).isEqualTo(IMPORTS - 1);
      assertThat(comparison.snapshotsHeld()).isEqualTo(1);
      assertThat(comparison.lastPosition()).isEqualTo(EVENTS);
      Map<String, Long> found =
          comparison.findings().stream()
              .collect(Collectors.groupingBy(Finding::text, Collectors.counting()));
      assertThat(found)
          .isEqualTo(
              Map.of(
                  "the row is missing", 1L,
                  "the row is of an import without events", 5L,
                  "the snapshot is of sequence number 7, which no event has", 3L));
    }
  }

  private void storeASnapshot() {
    store.sql.update(
        """
        insert into snapshot
        select aggregate_id, 0, 'Import', 1, occurred_at, json_build_object('active',
               json_build_object('id', aggregate_id, 'org_id', organization, 'campaign_id', null,
               'source', 'csv_upload', 'file_name', 'a.csv', 'status', 'pending',
               'total_rows', 0, 'created_at', '2024-10-06T12:00:00.000001Z',
               'updated_at', '2024-10-06T12:00:00.000001Z'), 'deleted', null)
        from domain_event where position = 1
        """);
  }

  @Test
  void the_database_links_events_as_the_service_does_byte_for_byte() {
    manipulate(
        """
        insert into domain_event (position, aggregate_id, sequence_number, event_id, event_type,
                                  revision, organization, occurred_at, payload, metadata)
        select 30 + n, gen_random_uuid(), 0, gen_random_uuid(), 'ImportOfTheFuture', 1, organization,
               occurred_at, payload, metadata
        from domain_event, generate_series(1, 3) n where position = 1 order by n
        """);
    Outcome outcome = store.tool("verify");
    assertThat(outcome.exitCode()).as(outcome.toString()).isEqualTo(ExitCode.ALL_IS_WELL);
    store.sql.execute(RELINK);
    assertThat(verifyWithCheckpoint().exitCode())
        .as("the database's own digest is the service's, byte for byte")
        .isEqualTo(ExitCode.ALL_IS_WELL);
  }
}
