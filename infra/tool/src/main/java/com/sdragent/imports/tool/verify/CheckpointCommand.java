package com.sdragent.imports.tool.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sdragent.imports.tool.terminal.CannotLookException;
import com.sdragent.imports.tool.terminal.ExitCode;
import com.sdragent.imports.tool.terminal.Interval;
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
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Signs how far the store has come, once or again and again, after it has verified that. */
@Command(
    name = "checkpoint",
    description = {
      "Verifies the chain, from the checkpoint before or from the first event, and signs the"
          + " store's last position and its hash. Signs nothing and exits with 1 when something is"
          + " wrong.",
      "Keep checkpoints where nobody who can write to the database can change them: verify holds"
          + " the store, or a copy of it, against them."
    })
public final class CheckpointCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private StoreOptions store = new StoreOptions();
  @Mixin private TopicOptions topic = new TopicOptions();
  @Mixin private JsonOption format = new JsonOption();

  @Option(
      names = "--private-key",
      paramLabel = "FILE",
      required = true,
      description = "The key to sign with, as signing-keys makes it")
  private Path privateKey = Path.of("");

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "A new file for the checkpoint. Default: standard output")
  private @Nullable Path output;

  @Option(
      names = "--previous",
      paramLabel = "FILE",
      description = "The checkpoint before, which this one names and is verified from")
  private @Nullable Path previous;

  @Option(
      names = "--log",
      paramLabel = "FILE",
      description = "A file to add it to as a line; the line before is the checkpoint before")
  private @Nullable Path log;

  @Option(
      names = "--first",
      description = {
        "Begins the log or the topic, which holds no checkpoint yet; without it, one that holds",
        "none is taken for lost"
      })
  private boolean first;

  @Option(
      names = "--public-key",
      paramLabel = "FILE",
      description = "Of who signed the checkpoint before, if that was another key")
  private List<Path> publicKeys = List.of();

  @Option(
      names = "--every",
      paramLabel = "TIME",
      converter = Interval.class,
      description = "Go on and sign again and again, such as 1h; needs --log or --topic")
  private @Nullable Duration every;

  @Override
  public Integer call() throws CannotLookException, GeneralSecurityException, SQLException {
    int places = count(log != null) + count(topic.isGiven());
    if (places + count(previous != null) > 1) {
      throw new ParameterException(
          spec.commandLine(),
          "Only one of --previous, --log and --topic can say which checkpoint is the one before");
    }
    if (every != null && (places == 0 || output != null)) {
      throw new ParameterException(
          spec.commandLine(), "--every needs --log or --topic, and takes no --output");
    }
    if (first && (places == 0 || every != null)) {
      throw new ParameterException(
          spec.commandLine(),
          "--first needs --log or --topic, and takes no --every: begin it once by hand");
    }
    SigningKey key = SigningKey.read(new NamedFile("--private-key", privateKey));
    var keys = new ArrayList<PublicKey>(List.of(key.publicKey()));
    for (Path file : publicKeys) {
      keys.add(SigningKey.readPublic(new NamedFile("--public-key", file)));
    }
    try (Witness witness = witness()) {
      return every == null ? once(key, keys, witness) : again(every, key, keys, witness);
    }
  }

  private static int count(boolean given) {
    return given ? 1 : 0;
  }

  private @Nullable Witness witness() throws CannotLookException {
    if (log != null) return new WitnessFile(new NamedFile("--log", log));
    return topic.isGiven() ? topic.open() : null;
  }

  /**
   * Goes on until something is found or it is interrupted; what fails is tried at the next time.
   */
  private int again(Duration pause, SigningKey key, List<PublicKey> keys, @Nullable Witness witness)
      throws GeneralSecurityException {
    try {
      while (true) {
        try {
          int outcome = once(key, keys, witness);
          if (outcome != ExitCode.ALL_IS_WELL) return outcome;
        } catch (SQLException | CannotLookException e) {
          tellFailure(Printable.printable(String.valueOf(e.getMessage())));
        }
        Thread.sleep(pause);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitCode.ALL_IS_WELL;
    }
  }

  private void tellFailure(String message) {
    PrintWriter to = format.isChosen() ? spec.commandLine().getOut() : spec.commandLine().getErr();
    to.println(
        format.isChosen()
            ? JsonMapper.shared()
                .createObjectNode()
                .put("ok", false)
                .put("exit_code", ExitCode.COULD_NOT_LOOK)
                .put("error", message)
                .toString()
            : Instant.now() + " not signed, is tried again: " + message);
    to.flush();
  }

  private int once(SigningKey key, List<PublicKey> keys, @Nullable Witness witness)
      throws CannotLookException, GeneralSecurityException, SQLException {
    // It is closed so that others may add before the next pass.
    try (witness) {
      return pass(key, keys, witness);
    }
  }

  private int pass(SigningKey key, List<PublicKey> keys, @Nullable Witness witness)
      throws CannotLookException, GeneralSecurityException, SQLException {
    var before = new CheckpointFiles(keys);
    if (previous != null) before.take(new NamedFile("--previous", previous));
    if (witness != null) {
      witness.begin();
      before.take(published(witness), witness.toString());
    }
    Checkpoint last = before.valid().isEmpty() ? null : before.valid().getLast();
    var findings = new ArrayList<>(before.findings());
    Checkpoint signed = null;
    Verification passed;
    try (Connection connection = store.connect()) {
      var verification = new Verification(connection, null, before.valid(), last, _ -> {});
      passed = verification;
      if (findings.isEmpty()) findings.addAll(verification.run(verification.head()));
      if (findings.isEmpty()) {
        signed =
            Checkpoint.sign(
                verification.store(),
                verification.chain().position(),
                HexFormat.of().formatHex(verification.chain().hash()),
                Instant.now().truncatedTo(ChronoUnit.SECONDS),
                last,
                key);
      }
    }
    if (signed != null) publish(signed, witness);
    // A checkpoint that its witness did not get is none, so it is noted after that.
    String notNoted =
        new NotedVerification(
                "checkpoint",
                passed.after() + 1,
                passed.chain().position(),
                passed.chain().hash(),
                false,
                findings,
                signed)
            .writeTo(store);
    if (format.isChosen()) {
      tellMachines(findings, signed, notNoted == null);
    } else {
      tell(findings, signed, witness != null);
      if (notNoted != null) spec.commandLine().getErr().println(notNoted);
      spec.commandLine().getErr().flush();
    }
    return signed == null ? ExitCode.FOUND_WRONG : ExitCode.ALL_IS_WELL;
  }

  private List<Checkpoint> published(Witness witness) throws CannotLookException {
    List<Checkpoint> published = witness.checkpoints();
    if (first == published.isEmpty()) return published;
    throw new CannotLookException(
        first
            ? witness + " holds checkpoints already: leave out --first"
            : CheckpointFiles.none(witness)
                + "find out where they are, or begin it with --first if there never were any");
  }

  private void publish(Checkpoint signed, @Nullable Witness witness) throws CannotLookException {
    if (witness != null) witness.add(signed);
    if (output != null) {
      new NamedFile("--output", output)
          .create(signed.json().getBytes(UTF_8), "name a file that is not there");
    }
  }

  private void tell(List<Finding> findings, @Nullable Checkpoint signed, boolean isPublished) {
    PrintWriter out = spec.commandLine().getOut();
    if (signed == null) {
      findings.forEach(finding -> out.println("WRONG  " + Printable.printable("" + finding)));
      out.println("       nothing was signed");
    } else if (every != null) {
      out.println(signed.time() + " signed position " + signed.position());
    } else if (!isPublished && output == null) {
      out.print(signed.json());
    }
    out.flush();
  }

  /** One value a pass, of one line. */
  private void tellMachines(List<Finding> findings, @Nullable Checkpoint signed, boolean isNoted) {
    JsonMapper json = JsonMapper.shared();
    ObjectNode value =
        signed == null ? json.createObjectNode().put("ok", false) : json.valueToTree(signed);
    if (signed == null) value.set("findings", json.valueToTree(findings));
    if (!isNoted) value.put("noted", false);
    spec.commandLine().getOut().println(value);
    spec.commandLine().getOut().flush();
  }
}
