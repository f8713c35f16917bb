package com.sdragent.imports.tool.verify;

import com.sdragent.imports.tool.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes a signed record of how far the store has come: position, hash and time. */
@Command(
    name = "checkpoint",
    description = {
      "Signs the store's last position and its hash.",
      "Keep the file where nobody who can write to the database can: verify --checkpoint holds the"
          + " store, or a copy of it, against the file."
    })
public final class CheckpointCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;
  @Mixin private StoreOptions store = new StoreOptions();

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

  @Override
  public Integer call() throws IOException, GeneralSecurityException, SQLException {
    var key = Checkpoint.privateKey(privateKey);
    Checkpoint checkpoint;
    try (Connection connection = store.connect();
        Statement statement = connection.createStatement();
        ResultSet head =
            statement.executeQuery(
                "select position, hash from domain_event order by position desc limit 1")) {
      boolean any = head.next();
      checkpoint =
          Checkpoint.sign(
              any ? head.getLong(1) : 0,
              any ? head.getBytes(2) : new byte[HashChain.BYTES],
              Instant.now().truncatedTo(ChronoUnit.SECONDS),
              key);
    }
    if (output != null) {
      Files.writeString(output, checkpoint.json(), StandardOpenOption.CREATE_NEW);
    } else if (spec != null) {
      spec.commandLine().getOut().print(checkpoint.json());
      spec.commandLine().getOut().flush();
    }
    return ExitCode.ALL_IS_WELL;
  }
}
