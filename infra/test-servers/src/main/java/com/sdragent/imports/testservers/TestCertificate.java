package com.sdragent.imports.testservers;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;

/**
 * A certificate for {@code localhost} that is its own authority, with its key: as a key store and
 * as PEM files.
 */
public final class TestCertificate implements AutoCloseable {
  /** The password of the key store. */
  public static final String STORE_PASSWORD = "of-the-store";

  private final Path directory;

  private TestCertificate(Path directory) {
    this.directory = directory;
  }

  /** Makes one by the JDK's keytool. */
  public static TestCertificate create() {
    Path directory = TemporaryDirectory.create("certificate");
    try {
      keytool(
          directory,
          "-genkeypair -alias server -keyalg EC -dname CN=localhost -ext SAN=dns:localhost"
              + " -validity 2 -keystore server.p12");
      KeyStore store = KeyStore.getInstance("PKCS12");
      try (InputStream file = Files.newInputStream(directory.resolve("server.p12"))) {
        store.load(file, STORE_PASSWORD.toCharArray());
      }
      write(
          directory.resolve("server.crt"),
          "CERTIFICATE",
          store.getCertificate("server").getEncoded());
      write(
          directory.resolve("server.key"),
          "PRIVATE KEY",
          store.getKey("server", STORE_PASSWORD.toCharArray()).getEncoded());
      return new TestCertificate(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("No certificate", e);
    }
  }

  /** The certificate and its key. */
  public Path store() {
    return directory.resolve("server.p12");
  }

  /** The certificate, which is also the authority to believe. */
  public Path certificate() {
    return directory.resolve("server.crt");
  }

  /** The certificate's private key. */
  public Path key() {
    return directory.resolve("server.key");
  }

  /** Puts another one in the place of its PEM files. */
  public void becomes(TestCertificate other) throws IOException {
    Files.copy(other.key(), key(), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    Files.copy(
        other.certificate(), certificate(), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void close() {
    TemporaryDirectory.delete(directory);
  }

  private static void write(Path file, String what, byte[] content) throws IOException {
    Files.writeString(
        file,
        "-----BEGIN %s-----\n%s\n-----END %s-----\n"
            .formatted(
                what, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content), what));
  }

  private static void keytool(Path directory, String arguments) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    Collections.addAll(command, arguments.split(" ", -1));
    Collections.addAll(command, "-storetype", "PKCS12", "-storepass", STORE_PASSWORD);
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    try {
      if (process.waitFor() != 0) throw new IOException("keytool: " + output);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
