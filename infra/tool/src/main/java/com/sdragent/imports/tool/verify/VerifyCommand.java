package com.sdragent.imports.tool.verify;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.sdragent.imports.events.EventRevisions;
import com.sdragent.imports.tool.terminal.ExitCode;
import com.sdragent.imports.tool.terminal.Printable;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

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

  @Spec private @Nullable CommandSpec spec;
  @Mixin private StoreOptions store = new StoreOptions();

  @Option(
      names = "--checkpoint",
      paramLabel = "FILE",
      description = "A checkpoint that the store has to hold to; may be given several times")
  private List<Path> checkpointFiles = List.of();

  @Option(
      names = "--public-key",
      paramLabel = "FILE",
      description = "The public key of who signed the checkpoints")
  private @Nullable Path publicKeyFile;

  @Option(
      names = "--chain-only",
      description = "Leaves out snapshots and the read model, which takes half the time")
  private boolean chainOnly;

  @Option(names = "--json", description = "Prints the result as JSON")
  private boolean json;

  /** The findings, for machines. */
  record Report(
      @JsonProperty("ok") boolean ok,
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
  public Integer call() throws IOException, GeneralSecurityException, SQLException {
    CommandSpec command = spec;
    if (command == null) throw new IllegalStateException("picocli sets the spec");
    if (checkpointFiles.isEmpty() == (publicKeyFile != null)) {
      throw new ParameterException(
          command.commandLine(), "--checkpoint and --public-key go together");
    }
    var findings = new ArrayList<Finding>();
    List<Checkpoint> checkpoints = checkpoints(findings);
    Report report;
    try (Connection connection = store.connect()) {
      long head = new ChainReader(connection).head();
      // Each event is read once for the chain, and once more to compare the data derived from it.
      try (ProgressBar progress = progress(chainOnly ? head : 2 * head)) {
        Comparison comparison =
            chainOnly
                ? null
                : new Comparison(
                    connection,
                    EventRevisions.published(),
                    Comparison.RANGE,
                    events -> {
                      if (progress != null) progress.stepTo(head + events);
                    });
        var verification =
            new Verification(
                connection,
                comparison,
                checkpoints,
                position -> {
                  if (progress != null && position <= head) progress.stepTo(position);
                });
        report = report(verification, comparison, head, findings);
      }
    }
    PrintWriter out = command.commandLine().getOut();
    if (json) {
      out.println(JSON.writeValueAsString(report));
    } else {
      tell(report, out);
    }
    out.flush();
    return report.ok() ? ExitCode.ALL_IS_WELL : ExitCode.FOUND_WRONG;
  }

  private static Report report(
      Verification verification, @Nullable Comparison compared, long head, List<Finding> findings)
      throws SQLException {
    long start = System.nanoTime();
    findings.addAll(verification.run(head));
    double seconds = Duration.ofNanos(System.nanoTime() - start).toMillis() / 1000.0;
    return new Report(
        findings.isEmpty(),
        verification.chain().position(),
        HexFormat.of().formatHex(verification.chain().hash()),
        seconds,
        (long) (verification.chain().position() / Math.max(seconds, 0.001)),
        verification.checkpointsHeld(),
        compared == null ? 0 : compared.imports(),
        compared == null ? 0 : compared.snapshotsHeld(),
        compared == null ? 0 : compared.rowsHeld(),
        compared == null ? 0 : compared.notCompared(),
        findings);
  }

  /** The checkpoints with a valid signature; the others are findings. */
  private List<Checkpoint> checkpoints(List<Finding> findings)
      throws IOException, GeneralSecurityException {
    var valid = new ArrayList<Checkpoint>();
    if (publicKeyFile == null) return valid;
    PublicKey key = Checkpoint.publicKey(publicKeyFile);
    for (Path file : checkpointFiles) {
      Checkpoint checkpoint = Checkpoint.read(file);
      if (checkpoint.isSignedBy(key)) {
        valid.add(checkpoint);
      } else {
        findings.add(
            new Finding(
                "signature", null, null, file + " was not signed with this key, or was changed"));
      }
    }
    return valid;
  }

  /** A bar for people at a terminal only. */
  @SuppressWarnings("SystemConsoleNull") // It is null again without a terminal from JDK 25 on.
  private @Nullable ProgressBar progress(long head) {
    Console console = System.console();
    if (json || console == null || !console.isTerminal()) return null;
    return new ProgressBarBuilder()
        .setTaskName("Verifying")
        .setInitialMax(head)
        .setUnit(" events", 1)
        .showSpeed()
        .clearDisplayOnFinish()
        .build();
  }

  private void tell(Report report, PrintWriter out) {
    report
        .findings()
        .forEach(finding -> out.println("WRONG  " + Printable.printable(finding.toString())));
    out.printf(
        Locale.ROOT,
        "%s  events 1 to %,d%s (%s, in %.1f s, %,d events/s)%n",
        report.ok() ? "OK    " : "      ",
        report.position(),
        report.ok() ? " are unaltered" : " were right",
        store,
        report.seconds(),
        report.eventsPerSecond());
    if (report.checkpointsHeld() > 0)
      out.printf("       checkpoints: %s%n", report.checkpointsHeld());
    if (!chainOnly && report.ok()) {
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
}
