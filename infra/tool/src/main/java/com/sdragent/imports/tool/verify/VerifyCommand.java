package com.sdragent.imports.tool.verify;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.sdragent.imports.events.EventRevisions;
import com.sdragent.imports.tool.terminal.Bar;
import com.sdragent.imports.tool.terminal.CannotLookException;
import com.sdragent.imports.tool.terminal.ExitCode;
import com.sdragent.imports.tool.terminal.JsonOption;
import com.sdragent.imports.tool.terminal.NamedFile;
import com.sdragent.imports.tool.terminal.Printable;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Reads the store and says whether its past is what was written. */
@Command(
    name = "verify",
    description = {
      "Computes the hash chain of all events again and names the first position that was edited,"
          + " removed, inserted or reordered; holds snapshots and the read model against the"
          + " events.",
      "A cut tail, a rewritten chain or an old copy are found with a checkpoint."
    })
public final class VerifyCommand implements Callable<Integer> {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private StoreOptions store = new StoreOptions();
  @Mixin private TopicOptions topic = new TopicOptions();
  @Mixin private JsonOption format = new JsonOption();

  @Option(
      names = "--checkpoint",
      paramLabel = "FILE",
      description =
          "A checkpoint that the store has to hold to, or several one behind the other, from the"
              + " first on; may be given several times")
  private List<Path> checkpointFiles = List.of();

  @Option(
      names = "--log",
      paramLabel = "FILE",
      description = "A file that 'checkpoint --log' adds to, from its first checkpoint on")
  private @Nullable Path log;

  @Option(
      names = "--public-key",
      paramLabel = "FILE",
      description = "The public key of who signed the checkpoints; may be given several times")
  private List<Path> publicKeyFiles = List.of();

  @Option(
      names = "--since-last-checkpoint",
      description = {
        "Reads only the events after the last of these checkpoints, and nothing that is derived",
        "from events: for every day, beside a whole pass every now and then"
      })
  private boolean sinceLastCheckpoint;

  @Option(
      names = "--chain-only",
      description = "Leaves out snapshots and the read model, which takes half the time")
  private boolean chainOnly;

  /** The findings, for machines. */
  record Report(
      @JsonProperty("ok") boolean ok,
      @JsonProperty("from_position") long fromPosition,
      @JsonProperty("position") long position,
      @JsonProperty("hash") String hash,
      @JsonProperty("seconds") double seconds,
      @JsonProperty("events_per_second") long eventsPerSecond,
      @JsonProperty("checkpoints_held") int checkpointsHeld,
      @JsonProperty("imports") long imports,
      @JsonProperty("snapshots_held") long snapshotsHeld,
      @JsonProperty("read_model_rows_held") long rowsHeld,
      @JsonProperty("not_compared") long notCompared,
      @JsonProperty("findings") List<Finding> findings) {}

  @Override
  public Integer call() throws CannotLookException, GeneralSecurityException, SQLException {
    boolean anyCheckpoints = !checkpointFiles.isEmpty() || log != null || topic.isGiven();
    if (anyCheckpoints == publicKeyFiles.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "--checkpoint (or --log or --topic) and --public-key go together: who signed has to be"
              + " known");
    }
    if (sinceLastCheckpoint && !anyCheckpoints) {
      throw new ParameterException(
          spec.commandLine(), "--since-last-checkpoint needs --checkpoint, --log or --topic");
    }
    CheckpointFiles checkpoints = checkpoints();
    var findings = new ArrayList<>(checkpoints.findings());
    Checkpoint start = sinceLastCheckpoint ? last(checkpoints) : null;
    boolean compares = !chainOnly && !sinceLastCheckpoint;
    Report report;
    try (Connection connection = store.connect()) {
      long head = new ChainReader(connection).head();
      long after = start == null ? 0 : start.position();
      // Each event is read once for the chain, and once more to compare the data derived from it.
      long reads = Math.max(0, compares ? 2 * head : head - after);
      try (Bar bar = Bar.open("Verifying", "events", reads, format)) {
        Comparison comparison =
            compares
                ? new Comparison(
                    connection,
                    EventRevisions.published(),
                    Comparison.RANGE,
                    events -> bar.at(head + events))
                : null;
        var verification =
            new Verification(
                connection,
                comparison,
                checkpoints.valid(),
                start,
                position -> {
                  if (position <= head) bar.at(position - after);
                });
        report = report(verification, comparison, head, findings);
      }
    }
    String notNoted =
        new NotedVerification(
                "verify",
                report.fromPosition(),
                report.position(),
                HexFormat.of().parseHex(report.hash()),
                compares,
                report.findings(),
                null)
            .writeTo(store);
    PrintWriter out = spec.commandLine().getOut();
    if (format.isChosen()) {
      ObjectNode json = JSON.valueToTree(report);
      out.println(JSON.writeValueAsString(json.put("noted", notNoted == null)));
    } else {
      if (notNoted != null) spec.commandLine().getErr().println(notNoted);
      spec.commandLine().getErr().flush();
      tell(report, compares, out);
    }
    out.flush();
    return report.ok() ? ExitCode.ALL_IS_WELL : ExitCode.FOUND_WRONG;
  }

  private static Checkpoint last(CheckpointFiles checkpoints) throws CannotLookException {
    return checkpoints.valid().stream()
        .max(Comparator.comparingLong(Checkpoint::position))
        .orElseThrow(
            () ->
                new CannotLookException(
                    "--since-last-checkpoint: no checkpoint is signed with the key of"
                        + " --public-key"));
  }

  private static Report report(
      Verification verification, @Nullable Comparison compared, long head, List<Finding> findings)
      throws SQLException, CannotLookException {
    long start = System.nanoTime();
    findings.addAll(verification.run(head));
    double seconds = Duration.ofNanos(System.nanoTime() - start).toMillis() / 1000.0;
    return new Report(
        findings.isEmpty(),
        verification.after() + 1,
        verification.chain().position(),
        HexFormat.of().formatHex(verification.chain().hash()),
        seconds,
        (long)
            ((verification.chain().position() - verification.after()) / Math.max(seconds, 0.001)),
        verification.checkpointsHeld(),
        compared == null ? 0 : compared.imports(),
        compared == null ? 0 : compared.snapshotsHeld(),
        compared == null ? 0 : compared.rowsHeld(),
        compared == null ? 0 : compared.notCompared(),
        findings);
  }

  private CheckpointFiles checkpoints() throws CannotLookException, GeneralSecurityException {
    var keys = new ArrayList<PublicKey>();
    for (Path file : publicKeyFiles) {
      keys.add(SigningKey.readPublic(new NamedFile("--public-key", file)));
    }
    var checkpoints = new CheckpointFiles(keys);
    for (Path file : checkpointFiles) checkpoints.take(new NamedFile("--checkpoint", file));
    if (log != null) {
      try (Witness witness = new WitnessFile(new NamedFile("--log", log))) {
        checkpoints.take(witness);
      }
    }
    if (topic.isGiven()) {
      try (Witness witness = topic.open()) {
        checkpoints.take(witness);
      }
    }
    return checkpoints;
  }

  private void tell(Report report, boolean compares, PrintWriter out) {
    report
        .findings()
        .forEach(finding -> out.println("WRONG  " + Printable.printable(finding.toString())));
    out.printf(
        Locale.ROOT,
        "%s  %s (%s, in %.1f s, %,d events/s)%n",
        report.ok() ? "OK    " : "      ",
        looked(report),
        store,
        report.seconds(),
        report.eventsPerSecond());
    if (report.checkpointsHeld() > 0)
      out.printf("       checkpoints: %s%n", report.checkpointsHeld());
    if (compares && report.ok()) {
      out.printf(
          Locale.ROOT,
          "       held against the events of %,d imports: %,d rows of the read model, %,d"
              + " snapshots; %,d not compared%n",
          report.imports(),
          report.rowsHeld(),
          report.snapshotsHeld(),
          report.notCompared());
    }
    out.printf(Locale.ROOT, "       hash at %,d: %s%n", report.position(), report.hash());
  }

  /** Of nothing it is not said that it is unaltered. */
  private static String looked(Report report) {
    long before = report.fromPosition() - 1;
    if (report.position() <= before) {
      return (report.ok()
              ? "there is no event after position "
              : "nothing is right after position ")
          + before;
    }
    return String.format(
        Locale.ROOT,
        "events %,d to %,d %s",
        report.fromPosition(),
        report.position(),
        report.ok() ? "are unaltered" : "were right");
  }
}
