package com.sdragent.imports.tool.verify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.testservers.TestKafka;
import com.sdragent.imports.tool.ImportsTool;
import com.sdragent.imports.tool.WrittenStore;
import com.sdragent.imports.tool.WrittenStore.Outcome;
import com.sdragent.imports.tool.terminal.CannotLookException;
import com.sdragent.imports.tool.terminal.ExitCode;
import com.sdragent.imports.tool.terminal.NamedFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Checkpoints one after the other, which have verified what they sign. */
class CheckpointsIT {
  private static final WrittenStore ORIGINAL = new WrittenStore();
  @TempDir private static Path keyFiles = Path.of("");
  @TempDir private Path files = Path.of("");
  private WrittenStore store = ORIGINAL;

  @BeforeAll
  static void aStoreAndTwoKeys() {
    ORIGINAL.append(4);
    for (String name : List.of("mine", "other")) {
      Outcome made =
          WrittenStore.run(
              List.of(
                  "signing-keys", "--private-key=" + key(name), "--public-key=" + publicKey(name)));
      assertThat(made).isEqualTo(new Outcome(ExitCode.ALL_IS_WELL, "", ""));
    }
    ORIGINAL.close();
  }

  @BeforeEach
  void copy() {
    store = ORIGINAL.copy();
  }

  @AfterEach
  void close() {
    store.close();
  }

  @AfterAll
  static void closeOriginal() {
    ORIGINAL.close();
  }

  private static Path key(String name) {
    return keyFiles.resolve(name + ".pem");
  }

  private static Path publicKey(String name) {
    return keyFiles.resolve(name + ".pub.pem");
  }

  private Path log() {
    return files.resolve("checkpoints.jsonl");
  }

  private Outcome sign(String... more) {
    var all = new ArrayList<>(List.of("checkpoint", "--private-key=" + key("mine")));
    all.addAll(Arrays.asList(more));
    return store.tool(all.toArray(String[]::new));
  }

  private void signIntoLog() {
    String[] begun = {"--log=" + log()};
    String[] anew = {"--log=" + log(), "--first"};
    assertThat(sign(Files.exists(log()) ? begun : anew))
        .isEqualTo(new Outcome(ExitCode.ALL_IS_WELL, "", ""));
  }

  private Outcome verify(String... more) {
    var all =
        new ArrayList<>(List.of("verify", "--log=" + log(), "--public-key=" + publicKey("mine")));
    all.addAll(Arrays.asList(more));
    return store.tool(all.toArray(String[]::new));
  }

  private void change(String statements) {
    store.sql.execute(
        "alter table domain_event drop constraint if exists domain_event_position;" + statements);
  }

  @Test
  void each_names_its_store_its_key_and_the_one_before() throws Exception {
    signIntoLog();
    store.append(2);
    signIntoLog();
    List<Checkpoint> log = Checkpoint.read(Files.readAllBytes(log()));
    String name = SigningKey.nameOf(SigningKey.readPublic(new NamedFile("", publicKey("mine"))));
    String first =
        store.sql.queryForObject(
            "select encode(hash, 'hex') from domain_event where position = 1", String.class);
    assertThat(log).extracting(Checkpoint::position).containsExactly(12L, 18L);
    assertThat(log).extracting(Checkpoint::key).containsOnly(name);
    assertThat(log).extracting(Checkpoint::store).containsOnly(first);
    assertThat(log.getFirst().previous()).isNull();
    assertThat(log.getLast().previous()).isEqualTo(log.getFirst().digest());
    Outcome held = verify();
    assertThat(held.exitCode()).as(held.toString()).isZero();
    assertThat(held.out()).contains("checkpoints: 2");
  }

  @Test
  void one_that_was_taken_out_or_changed_in_the_log_is_found() throws Exception {
    for (int i = 0; i < 3; i++) signIntoLog();
    List<String> lines = Files.readAllLines(log());
    Files.write(log(), List.of(lines.get(0), lines.get(2)));
    Outcome removed = verify("--chain-only");
    assertThat(removed.exitCode()).isEqualTo(ExitCode.FOUND_WRONG);
    assertThat(removed.out()).contains("WRONG  checkpoints: ", "does not follow the one before it");
    assertThat(sign("--log=" + log()).exitCode()).isEqualTo(ExitCode.FOUND_WRONG);

    Files.writeString(log(), lines.getFirst());
    Outcome torn = sign("--log=" + log());
    assertThat(torn.exitCode()).isEqualTo(ExitCode.COULD_NOT_LOOK);
    assertThat(torn.err()).contains("is not whole: remove that line");
  }

  @Test
  void nothing_is_signed_when_what_came_since_the_one_before_is_wrong() throws Exception {
    signIntoLog();
    store.append(1);
    change("update domain_event set metadata = '{}' where position = 14");
    Outcome refused = sign("--log=" + log());
    assertThat(refused.exitCode()).isEqualTo(ExitCode.FOUND_WRONG);
    assertThat(refused.out()).contains("WRONG  edited at position 14", "nothing was signed");
    assertThat(Files.readAllLines(log())).hasSize(1);
    JsonNode json = JsonMapper.shared().readTree(sign("--log=" + log(), "--json").out());
    assertThat(json.get("ok").booleanValue()).isFalse();
    assertThat(json.get("findings").get(0).get("position").longValue()).isEqualTo(14);

    Path alone = files.resolve("alone.json");
    assertThat(sign("--output=" + alone).exitCode()).as("without one before").isEqualTo(1);
    assertThat(alone).doesNotExist();
  }

  @Test
  void verify_since_the_last_reads_what_came_after_it_and_no_more() {
    signIntoLog();
    store.append(1);
    Outcome well = verify("--since-last-checkpoint");
    assertThat(well.exitCode()).as(well.toString()).isZero();
    assertThat(well.out()).contains("events 13 to 15 are unaltered").doesNotContain("rows of the");
    JsonNode report =
        JsonMapper.shared().readTree(verify("--since-last-checkpoint", "--json").out());
    assertThat(report.get("from_position").longValue()).isEqualTo(13);
    assertThat(report.get("position").longValue()).isEqualTo(15);
    assertThat(report.get("checkpoints_held").intValue()).isEqualTo(1);

    change("update domain_event set metadata = '{}' where position = 3");
    assertThat(verify("--since-last-checkpoint").exitCode()).as("before it").isZero();
    assertThat(verify().exitCode()).isEqualTo(ExitCode.FOUND_WRONG);
    change("update domain_event set metadata = '{}' where position = 14");
    Outcome after = verify("--since-last-checkpoint");
    assertThat(after.exitCode()).isEqualTo(ExitCode.FOUND_WRONG);
    assertThat(after.out()).contains("edited at position 14", "events 13 to 13 were right");
  }

  @Test
  void verify_since_the_last_finds_that_the_store_is_not_the_one_that_was_signed() {
    signIntoLog();
    store.append(1);
    change("update domain_event set metadata = '{}' where position = 11;" + ManipulationsIT.RELINK);
    Outcome rewritten = verify("--since-last-checkpoint");
    assertThat(rewritten.exitCode()).isEqualTo(ExitCode.FOUND_WRONG);
    assertThat(rewritten.out()).contains("rewritten at position 12");
    store.sql.execute("delete from domain_event where position > 9");
    Outcome cut = verify("--since-last-checkpoint");
    assertThat(cut.exitCode()).isEqualTo(ExitCode.FOUND_WRONG);
    assertThat(cut.out()).contains("cut at position 10", "ends at position 9");
  }

  @Test
  void one_of_another_store_is_told_from_a_past_that_was_changed() {
    signIntoLog();
    try (var another = new WrittenStore()) {
      another.append(5);
      Outcome outcome =
          another.tool(
              "verify", "--checkpoint=" + log(), "--public-key=" + publicKey("mine"), "--json");
      assertThat(outcome.exitCode()).isEqualTo(ExitCode.FOUND_WRONG);
      assertThat(outcome.out()).contains("\"kind\" : \"store\"", "it is another store");
    }
  }

  @Test
  void another_key_goes_on_with_the_log_when_the_one_before_is_known() {
    signIntoLog();
    String[] withOther = {
      "checkpoint", "--private-key=" + key("other"), "--log=" + log(),
    };
    Outcome unknown = store.tool(withOther);
    assertThat(unknown.exitCode()).isEqualTo(ExitCode.FOUND_WRONG);
    assertThat(unknown.out()).contains("WRONG  signature");
    var known = new ArrayList<>(Arrays.asList(withOther));
    known.add("--public-key=" + publicKey("mine"));
    assertThat(store.tool(known.toArray(String[]::new)).exitCode()).isZero();
    assertThat(verify().exitCode()).isEqualTo(ExitCode.FOUND_WRONG);
    Outcome both = verify("--public-key=" + publicKey("other"));
    assertThat(both.exitCode()).as(both.toString()).isZero();
    assertThat(both.out()).contains("checkpoints: 2");
  }

  @Test
  void one_of_the_first_format_verifies_and_is_a_beginning() throws Exception {
    Files.writeString(log(), ofTheFirstFormat(12));
    Outcome old = verify();
    assertThat(old.exitCode()).as(old.toString()).isZero();
    assertThat(old.out()).contains("checkpoints: 1");
    Path next = files.resolve("next.json");
    assertThat(sign("--previous=" + log(), "--output=" + next).exitCode()).isZero();
    Files.write(log(), Files.readAllBytes(next), StandardOpenOption.APPEND);
    assertThat(verify().out()).contains("checkpoints: 2");
    change("update domain_event set metadata = '{}' where position = 12");
    assertThat(verify("--since-last-checkpoint").exitCode()).isEqualTo(ExitCode.FOUND_WRONG);
  }

  private String ofTheFirstFormat(long position) throws Exception {
    String hash =
        store.sql.queryForObject(
            "select encode(hash, 'hex') from domain_event where position = ?",
            String.class,
            position);
    String time = "2026-01-31T12:00:00Z";
    SigningKey key = SigningKey.read(new NamedFile("", key("mine")));
    String signed = "imports-checkpoint/1\n" + position + "\n" + hash + "\n" + time + "\n";
    return """
    {
      "format" : "imports-checkpoint/1",
      "position" : %s,
      "hash" : "%s",
      "time" : "%s",
      "signature" : "%s"
    }
    """
        .formatted(position, hash, time, key.sign(signed.getBytes(UTF_8)));
  }

  @Test
  void one_of_the_first_format_after_one_of_the_second_is_found() throws Exception {
    signIntoLog();
    String old = ofTheFirstFormat(12);
    store.append(2);
    signIntoLog();
    Files.writeString(log(), old, StandardOpenOption.APPEND);
    // So far nothing is wrong with the store. What is behind the old one would be free to change.
    assertThat(verify("--chain-only").out())
        .contains("WRONG  checkpoints: ", "is of the first format, and the one before it is not");
    change("update domain_event set metadata = '{}' where position = 14;" + ManipulationsIT.RELINK);
    Outcome refused = sign("--log=" + log());
    assertThat(refused.exitCode()).isEqualTo(ExitCode.FOUND_WRONG);
    assertThat(refused.out()).contains("nothing was signed");
  }

  @Test
  void positions_that_fall_in_a_log_are_found() throws Exception {
    Files.writeString(log(), ofTheFirstFormat(12) + ofTheFirstFormat(9));
    Outcome fallen = verify("--chain-only");
    assertThat(fallen.exitCode()).as(fallen.toString()).isEqualTo(ExitCode.FOUND_WRONG);
    assertThat(fallen.out()).contains("is of position 9, and the one before it of 12");
    assertThat(sign("--log=" + log()).exitCode()).isEqualTo(ExitCode.FOUND_WRONG);
  }

  @Test
  void a_log_that_lacks_its_first_checkpoints_is_found() throws Exception {
    for (int i = 0; i < 3; i++) signIntoLog();
    List<String> lines = Files.readAllLines(log());
    for (int missing = 1; missing <= 2; missing++) {
      Files.write(log(), lines.subList(missing, 3));
      Outcome found = verify("--chain-only");
      assertThat(found.exitCode()).as(found.toString()).isEqualTo(ExitCode.FOUND_WRONG);
      assertThat(found.out()).contains("is the first here and follows another");
      assertThat(sign("--log=" + log()).exitCode()).isEqualTo(ExitCode.FOUND_WRONG);
    }
    String[] alone = {
      "verify", "--chain-only", "--checkpoint=" + log(), "--public-key=" + publicKey("mine")
    };
    assertThat(store.tool(alone).exitCode()).as("one that somebody kept").isZero();
  }

  @Test
  void verify_takes_a_witness_without_a_checkpoint_for_no_witness() throws Exception {
    Outcome noLog = verify("--chain-only");
    assertThat(noLog.exitCode()).as(noLog.toString()).isEqualTo(ExitCode.COULD_NOT_LOOK);
    assertThat(noLog.err()).contains("--log: " + log() + " is not there or holds no checkpoint");
    Files.createFile(log());
    assertThat(verify("--chain-only").exitCode()).isEqualTo(ExitCode.COULD_NOT_LOOK);
    String name = "imports.checkpoints.none";
    Outcome noTopic =
        store.tool(
            "verify",
            "--chain-only",
            "--public-key=" + publicKey("mine"),
            "--topic=" + name,
            "--bootstrap-servers=" + TestKafka.bootstrapServers());
    assertThat(noTopic.exitCode()).as(noTopic.toString()).isEqualTo(ExitCode.COULD_NOT_LOOK);
    assertThat(noTopic.err()).contains("--topic: " + name + " is not there or holds no checkpoint");
    try (Admin admin = admin()) {
      assertThat(admin.listTopics().names().get()).doesNotContain(name);
    }
  }

  @Test
  void a_witness_is_begun_when_that_is_said_and_never_again_by_itself() throws Exception {
    String topic = "--topic=imports.checkpoints.begun";
    String servers = "--bootstrap-servers=" + TestKafka.bootstrapServers();
    for (String[] witness :
        List.of(new String[] {"--log=" + log()}, new String[] {topic, servers})) {
      String[] first = Arrays.copyOf(witness, witness.length + 1);
      first[witness.length] = "--first";
      Outcome lost = sign(witness);
      assertThat(lost.exitCode()).as(lost.toString()).isEqualTo(ExitCode.COULD_NOT_LOOK);
      assertThat(lost.err()).contains("is not there or holds no checkpoint", "--first");
      assertThat(log().toFile().length()).isZero();
      assertThat(sign(first).exitCode()).isZero();
      Outcome again = sign(first);
      assertThat(again.exitCode()).as(again.toString()).isEqualTo(ExitCode.COULD_NOT_LOOK);
      assertThat(again.err()).contains("holds checkpoints already: leave out --first");
      assertThat(sign(witness).exitCode()).isZero();
      Files.deleteIfExists(log());
    }
    assertThat(sign("--log=" + log()).exitCode()).isEqualTo(ExitCode.COULD_NOT_LOOK);
    assertThat(log()).doesNotExist();
  }

  @Test
  void one_that_signs_into_a_log_keeps_others_out_from_reading_to_writing() throws Exception {
    signIntoLog();
    try (var slow = new WitnessFile(new NamedFile("--log", log()))) {
      slow.begin();
      Checkpoint there = slow.checkpoints().getFirst();
      Path told = files.resolve("told.txt");
      var other =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  ImportsTool.class.getName(),
                  "checkpoint",
                  "--private-key=" + key("mine"),
                  "--log=" + log())
              .redirectErrorStream(true)
              .redirectOutput(told.toFile())
              .start();
      assertThat(other.waitFor()).as(Files.readString(told)).isEqualTo(ExitCode.COULD_NOT_LOOK);
      assertThat(Files.readString(told)).contains("another imports-tool is signing into " + log());
      assertThat(sign("--log=" + log()).err()).contains("another imports-tool is signing into");
      slow.add(there);
    }
    assertThat(Files.readAllLines(log()))
        .hasSize(2)
        .containsOnly(Files.readAllLines(log()).getFirst());
  }

  @Test
  void of_two_that_begin_a_log_at_once_one_does() throws Exception {
    var checkpoint = Checkpoint.read(sign().out().getBytes(UTF_8)).getFirst();
    try (var one = new WitnessFile(new NamedFile("--log", log()));
        var other = new WitnessFile(new NamedFile("--log", log()))) {
      one.begin();
      other.begin();
      assertThat(one.checkpoints()).isEmpty();
      assertThat(other.checkpoints()).isEmpty();
      one.add(checkpoint);
      assertThatThrownBy(() -> other.add(checkpoint))
          .isInstanceOf(CannotLookException.class)
          .hasMessageContaining("another imports-tool is signing into " + log());
    }
    assertThat(Files.readAllLines(log())).hasSize(1);
  }

  @Test
  void a_topic_that_would_lose_or_has_lost_records_is_refused_with_the_fix() throws Exception {
    String name = "imports.checkpoints.kept";
    String[] topic = {"--topic=" + name, "--bootstrap-servers=" + TestKafka.bootstrapServers()};
    assertThat(sign(topic[0], topic[1], "--first").exitCode()).isZero();
    try (Admin admin = admin()) {
      var resource = new ConfigResource(ConfigResource.Type.TOPIC, name);
      for (String limit : List.of("retention.ms", "retention.bytes")) {
        alter(admin, resource, limit, "604800000");
        Outcome refused = sign(topic);
        assertThat(refused.exitCode()).as(refused.toString()).isEqualTo(ExitCode.COULD_NOT_LOOK);
        assertThat(refused.err())
            .contains(limit + "=604800000", "kafka-configs", "--add-config", limit + "=-1");
        alter(admin, resource, limit, "-1");
      }
      alter(admin, resource, "cleanup.policy", "compact");
      assertThat(sign(topic).err()).contains("cleanup.policy=compact");
      alter(admin, resource, "cleanup.policy", "delete");
      assertThat(sign(topic).exitCode()).isZero();
      admin
          .deleteRecords(Map.of(new TopicPartition(name, 0), RecordsToDelete.beforeOffset(1)))
          .all()
          .get();
    }
    Outcome lost =
        store.tool(
            "verify", "--chain-only", "--public-key=" + publicKey("mine"), topic[0], topic[1]);
    assertThat(lost.exitCode()).as(lost.toString()).isEqualTo(ExitCode.COULD_NOT_LOOK);
    assertThat(lost.err()).contains("begins at offset 1");
    assertThat(sign(topic).err()).contains("begins at offset 1", "--first");
  }

  private static void alter(Admin admin, ConfigResource of, String name, String value)
      throws Exception {
    var change = new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
    admin.incrementalAlterConfigs(Map.of(of, List.of(change))).all().get();
    var settings = List.of(of);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              Config now = admin.describeConfigs(settings).all().get().values().iterator().next();
              return value.equals(now.get(name).value());
            });
  }

  private static Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", TestKafka.bootstrapServers()));
  }

  @Test
  void what_was_done_and_what_was_found_is_noted_in_the_store() throws Exception {
    signIntoLog();
    verify();
    change("update domain_event set metadata = '{}' where position = 5");
    verify("--chain-only");
    assertThat(sign().exitCode()).isEqualTo(ExitCode.FOUND_WRONG);
    assertThat(
            store.sql.queryForList(
                """
                select kind || ' ' || from_position || ' ' || position || ' ' || compared || ' ' || findings || ' '
                       || coalesce(first_finding, '') || (checkpoint is not null)
                       || (login = session_user) || (noted_at <= now())
                from verification order by id
                """,
                String.class))
        .satisfiesExactly(
            signed -> assertThat(signed).isEqualTo("checkpoint 1 12 false 0 truetruetrue"),
            right -> assertThat(right).isEqualTo("verify 1 12 true 0 falsetruetrue"),
            wrong -> assertThat(wrong).matches("verify 1 4 false 1 edited at .*falsetruetrue"),
            refused ->
                assertThat(refused).matches("checkpoint 1 4 false 1 edited at .*falsetruetrue"));
    Checkpoint signed = Checkpoint.read(Files.readAllBytes(log())).getFirst();
    assertThat(
            store.sql.queryForObject(
                "select checkpoint || key || encode(hash, 'hex') from verification where checkpoint"
                    + " is not null",
                String.class))
        .isEqualTo(signed.digest() + signed.key() + signed.hash());
  }

  @Test
  void what_cannot_be_noted_is_said_and_changes_nothing_else() {
    store.sql.execute("alter table verification rename to away");
    Outcome verified = store.tool("verify");
    assertThat(verified.exitCode()).isZero();
    assertThat(verified.err()).startsWith("This could not be noted in the store: ");
    Outcome signed = sign();
    assertThat(signed.exitCode()).isZero();
    assertThat(signed.out()).contains("\"position\" : 12");
    for (Outcome told : List.of(store.tool("verify", "--json"), sign("--json"))) {
      assertThat(told.err()).isEmpty();
      assertThat(json(told.out()).get("noted").booleanValue()).isFalse();
    }
  }

  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text);
  }

  @Test
  void on_a_schedule_it_signs_again_and_again_and_goes_on_when_it_could_not() throws Exception {
    signIntoLog();
    Outcome[] ended = new Outcome[1];
    long failed = failedTransactions();
    store.sql.execute("alter table domain_event rename to away");
    Thread signing =
        Thread.ofPlatform().start(() -> ended[0] = sign("--log=" + log(), "--every=1s"));
    await().atMost(Duration.ofSeconds(60)).until(() -> failedTransactions() > failed);
    store.sql.execute("alter table away rename to domain_event");
    await().atMost(Duration.ofSeconds(60)).until(() -> Files.readAllLines(log()).size() >= 3);
    signing.interrupt();
    signing.join();
    assertThat(ended[0].exitCode()).isZero();
    assertThat(ended[0].out()).contains("signed position 12");
    assertThat(ended[0].err()).contains("not signed, is tried again: ");
    assertThat(verify("--chain-only").exitCode()).isZero();
  }

  @Test
  void on_a_schedule_for_machines_each_pass_is_a_value_in_a_line() throws Exception {
    signIntoLog();
    Outcome[] ended = new Outcome[1];
    long failed = failedTransactions();
    store.sql.execute("alter table domain_event rename to away");
    Thread signing =
        Thread.ofPlatform().start(() -> ended[0] = sign("--log=" + log(), "--every=1s", "--json"));
    await().atMost(Duration.ofSeconds(60)).until(() -> failedTransactions() > failed);
    store.sql.execute("alter table away rename to domain_event");
    await().atMost(Duration.ofSeconds(60)).until(() -> Files.readAllLines(log()).size() >= 2);
    signing.interrupt();
    signing.join();
    assertThat(ended[0].err()).isEmpty();
    List<JsonNode> values = ended[0].out().lines().map(CheckpointsIT::json).toList();
    assertThat(values.getFirst().get("exit_code").intValue()).isEqualTo(ExitCode.COULD_NOT_LOOK);
    assertThat(values).anyMatch(value -> value.path("position").asLong(0) == 12);
  }

  private long failedTransactions() {
    Long failed =
        store.sql.queryForObject(
            "select xact_rollback from pg_stat_database where datname = current_database()",
            Long.class);
    return failed == null ? 0 : failed;
  }

  @Test
  void a_topic_is_a_witness_that_verify_asks_by_itself() {
    String[] topic = {
      "--topic=imports.checkpoints.it", "--bootstrap-servers=" + TestKafka.bootstrapServers()
    };
    assertThat(sign(topic[0], topic[1], "--first"))
        .isEqualTo(new Outcome(ExitCode.ALL_IS_WELL, "", ""));
    store.append(1);
    assertThat(sign(topic).exitCode()).isZero();
    String publicKey = "--public-key=" + publicKey("mine");
    Outcome held = store.tool("verify", "--chain-only", publicKey, topic[0], topic[1]);
    assertThat(held.exitCode()).as(held.toString()).isZero();
    assertThat(held.out()).contains("checkpoints: 2");
    store.sql.execute("delete from domain_event where position > 9");
    Outcome cut =
        store.tool("verify", "--since-last-checkpoint", publicKey, topic[0], topic[1], "--json");
    assertThat(cut.exitCode()).isEqualTo(ExitCode.FOUND_WRONG);
    assertThat(cut.out()).contains("\"kind\" : \"cut\"");
    assertThat(sign(topic).exitCode()).isEqualTo(ExitCode.FOUND_WRONG);
    Outcome away = sign(topic[0], "--bootstrap-servers=no.such.host.invalid:1");
    assertThat(away.exitCode()).isEqualTo(ExitCode.COULD_NOT_LOOK);
    assertThat(away.err()).contains("Correct --bootstrap-servers");
  }

  @Test
  void what_was_sent_to_a_topic_and_not_answered_is_there_or_never_will_be() throws Exception {
    String name = "imports.checkpoints.unanswered";
    String[] topic = {"--topic=" + name, "--bootstrap-servers=" + TestKafka.bootstrapServers()};
    var checkpoint = Checkpoint.read(sign().out().getBytes(UTF_8)).getFirst();
    try (var lost = witness(name);
        var next = witness(name)) {
      lost.begin();
      assertThat(lost.checkpoints()).isEmpty();
      // Whoever is next looks at what follows what, while the first still may add.
      next.begin();
      assertThat(next.checkpoints()).isEmpty();
      next.add(checkpoint);
      assertThatThrownBy(() -> lost.add(checkpoint))
          .isInstanceOf(CannotLookException.class)
          .hasMessageContaining("another imports-tool adds checkpoints to " + name);
    }
    store.append(1);
    try (var halfway = halfway(name, checkpoint)) {
      assertThat(sign(topic)).isEqualTo(new Outcome(ExitCode.ALL_IS_WELL, "", ""));
      assertThatThrownBy(halfway::commitTransaction).isInstanceOf(KafkaException.class);
    }
    Outcome held =
        store.tool(
            "verify", "--chain-only", "--public-key=" + publicKey("mine"), topic[0], topic[1]);
    assertThat(held.exitCode()).as(held.toString()).isZero();
    assertThat(held.out()).contains("checkpoints: 2");
  }

  private static WitnessTopic witness(String topic) {
    var settings = new Properties();
    settings.put("bootstrap.servers", TestKafka.bootstrapServers());
    return new WitnessTopic(topic, settings);
  }

  /** The record is at the broker, and whoever sent it has not said whether it counts. */
  private static KafkaProducer<byte[], byte[]> halfway(String topic, Checkpoint checkpoint) {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", TestKafka.bootstrapServers(), "transactional.id", topic);
    var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    producer.initTransactions();
    producer.beginTransaction();
    var _ = producer.send(new ProducerRecord<>(topic, 0, null, checkpoint.line().getBytes(UTF_8)));
    producer.flush();
    return producer;
  }
}
