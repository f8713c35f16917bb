package com.sdragent.imports.tool.verify;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sdragent.imports.tool.terminal.ExitCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes a key pair for checkpoints, in the PEM form that OpenSSL reads too. */
@Command(
    name = "signing-keys",
    description = {
      "Makes an Ed25519 key pair for checkpoints.",
      "The private key belongs to the person who vouches for the store, not on the database's"
          + " machine; the public key belongs to everybody who wants to verify."
    })
public final class SigningKeysCommand implements Callable<Integer> {

  @Option(
      names = "--private-key",
      paramLabel = "FILE",
      required = true,
      description = "A new file that only its owner may read")
  private Path privateKey = Path.of("");

  @Option(names = "--public-key", paramLabel = "FILE", required = true, description = "A new file")
  private Path publicKey = Path.of("");

  @Override
  public Integer call() throws IOException, GeneralSecurityException {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] ownerOnly =
        posix
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    write(privateKey, "PRIVATE KEY", pair.getPrivate().getEncoded(), ownerOnly);
    write(publicKey, "PUBLIC KEY", pair.getPublic().getEncoded());
    return ExitCode.ALL_IS_WELL;
  }

  /** Never writes over an existing file, which may be the only copy of a key. */
  private static void write(Path file, String label, byte[] key, FileAttribute<?>... attributes)
      throws IOException {
    String text =
        "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
            .formatted(label, Base64.getEncoder().encodeToString(key));
    try (var channel =
        Files.newByteChannel(
            file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)) {
      channel.write(ByteBuffer.wrap(text.getBytes(US_ASCII)));
    }
  }
}
