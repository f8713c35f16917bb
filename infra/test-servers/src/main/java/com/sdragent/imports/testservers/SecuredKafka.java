package com.sdragent.imports.testservers;

import static java.util.Map.entry;

import com.sdragent.imports.embedded.DataDirectory;
import com.sdragent.imports.embedded.Ports;
import com.sdragent.imports.embedded.SingleNodeKafka;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Map;

/**
 * A broker of one test's own that clients reach over TLS with a name and a password. A second,
 * plain listener is for the broker itself and for looking at its records.
 */
public final class SecuredKafka implements AutoCloseable {
  /** The user that may come in. */
  public static final String USER = "imports";

  /** The user's password. */
  public static final String PASSWORD = "let-imports-in";

  /** The password of its key store and of the trust store that clients need. */
  public static final String STORE_PASSWORD = "of-the-store";

  private final Path stores;
  private final DataDirectory directory;
  private final int port = Ports.free(0, "");
  private final SingleNodeKafka broker;

  private SecuredKafka(Path stores) {
    this.stores = stores;
    directory = DataDirectory.take(stores.resolve("data"));
    int plain = Ports.free(0, "");
    int controller = Ports.free(0, "");
    broker =
        SingleNodeKafka.start(
            directory,
            plain,
            Map.ofEntries(
                entry(
                    "listeners",
                    "PLAINTEXT://localhost:%s,SASL_SSL://localhost:%s,CONTROLLER://localhost:%s"
                        .formatted(plain, port, controller)),
                entry(
                    "advertised.listeners",
                    "PLAINTEXT://localhost:%s,SASL_SSL://localhost:%s".formatted(plain, port)),
                entry("controller.quorum.voters", "1@localhost:" + controller),
                entry(
                    "listener.security.protocol.map",
                    "PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT"),
                entry("inter.broker.listener.name", "PLAINTEXT"),
                entry("sasl.enabled.mechanisms", "PLAIN"),
                entry(
                    "listener.name.sasl_ssl.plain.sasl.jaas.config",
                    "org.apache.kafka.common.security.plain.PlainLoginModule required user_%s=\"%s\";"
                        .formatted(USER, PASSWORD)),
                entry("ssl.keystore.location", stores.resolve("broker.p12").toString()),
                entry("ssl.keystore.type", "PKCS12"),
                entry("ssl.keystore.password", STORE_PASSWORD)));
  }

  /** Starts it on any free port, with a certificate that it makes for itself. */
  public static SecuredKafka running() {
    try {
      Path stores = TemporaryDirectory.create("secured-kafka");
      keytool(
          stores,
          "-genkeypair -alias broker -keyalg EC -dname CN=localhost -ext SAN=dns:localhost"
              + " -validity 2 -keystore broker.p12");
      keytool(stores, "-exportcert -alias broker -keystore broker.p12 -file broker.crt");
      keytool(stores, "-importcert -noprompt -alias broker -file broker.crt -keystore trust.p12");
      return new SecuredKafka(stores);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The address for clients that have the trust store, the name and the password. */
  public String bootstrapServers() {
    return "localhost:" + port;
  }

  /** The address of the listener that asks for nothing. */
  public String plainBootstrapServers() {
    return broker.bootstrapServers();
  }

  /** The trust store of the clients. */
  public Path trustStore() {
    return stores.resolve("trust.p12");
  }

  @Override
  public void close() {
    broker.close();
    directory.close();
    TemporaryDirectory.delete(stores);
  }

  private static void keytool(Path directory, String arguments) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    Collections.addAll(command, arguments.split(" ", -1));
    Collections.addAll(command, "-storetype", "PKCS12", "-storepass", STORE_PASSWORD);
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) throw new IOException("keytool: " + output);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
