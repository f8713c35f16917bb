package com.sdragent.imports.tool.verify;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sdragent.imports.tool.terminal.CannotLookException;
import com.sdragent.imports.tool.terminal.ExitCode;
import com.sdragent.imports.tool.terminal.JsonOption;
import com.sdragent.imports.tool.terminal.NamedFile;
import java.io.PrintWriter;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** Makes a key pair for checkpoints, in the PEM form that OpenSSL reads too. */
@Command(
    name = "signing-keys",
    description = {
      "Makes an Ed25519 key pair for checkpoints.",
      "The private key belongs to the person who vouches for the store, not on the database's"
          + " machine; the public key belongs to everybody who wants to verify."
    })
public final class SigningKeysCommand implements Callable<Integer> {
  private static final String NAME_ANOTHER =
      "it may be the only copy of a key, so name a file that is not there";

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final JsonOption format = new JsonOption();

  @Option(
      names = "--private-key",
      paramLabel = "FILE",
      required = true,
      description = "A new file that only its owner may read")
  private Path privateKey = Path.of("");

  @Option(names = "--public-key", paramLabel = "FILE", required = true, description = "A new file")
  private Path publicKey = Path.of("");

  @Override
  public Integer call() throws CannotLookException, GeneralSecurityException {
    KeyPair pair = KeyPairGenerator.getInstance(SigningKey.ALGORITHM).generateKeyPair();
    boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] ownerOnly =
        posix
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    var publicFile = new NamedFile("--public-key", publicKey);
    // Half a pair is not left behind.
    publicFile.requireNone(NAME_ANOTHER);
    new NamedFile("--private-key", privateKey)
        .create(pem("PRIVATE KEY", pair.getPrivate().getEncoded()), NAME_ANOTHER, ownerOnly);
    publicFile.create(pem("PUBLIC KEY", pair.getPublic().getEncoded()), NAME_ANOTHER);
    if (format.isChosen()) {
      PrintWriter out = spec.commandLine().getOut();
      out.println(
          JsonMapper.shared()
              .createObjectNode()
              .put("key", SigningKey.nameOf(pair.getPublic()))
              .put("private_key", privateKey.toString())
              .put("public_key", publicKey.toString()));
      out.flush();
    }
    return ExitCode.ALL_IS_WELL;
  }

  private static byte[] pem(String label, byte[] key) {
    return SigningKey.pem(label, key).getBytes(US_ASCII);
  }
}
