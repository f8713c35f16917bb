package com.sdragent.imports.testservers;

import static java.util.Map.entry;

import com.sdragent.imports.embedded.DataDirectory;
import com.sdragent.imports.embedded.Ports;
import com.sdragent.imports.embedded.SingleNodeKafka;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;

/**
 * A broker of one test's own that clients reach over TLS with a name and a password (SCRAM), and
 * that lets them do what it was told and nothing else. A second, plain listener is for the broker
 * itself, for its administrator and for looking at its records.
 */
public final class SecuredKafka implements AutoCloseable {
  private static final int ITERATIONS = 4096;

  private final Path home = TemporaryDirectory.create("secured-kafka");
  private final DataDirectory directory = DataDirectory.take(home.resolve("data"));
  private final int port = Ports.free(0, "");
  private final SingleNodeKafka broker;

  private SecuredKafka(TestCertificate certificate) {
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
                entry("sasl.enabled.mechanisms", "SCRAM-SHA-512"),
                entry(
                    "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config",
                    "org.apache.kafka.common.security.scram.ScramLoginModule required;"),
                entry(
                    "authorizer.class.name",
                    "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
                entry("super.users", "User:ANONYMOUS"),
                entry("ssl.keystore.location", certificate.store().toString()),
                entry("ssl.keystore.type", "PKCS12"),
                entry("ssl.keystore.password", TestCertificate.STORE_PASSWORD)));
  }

  /** Starts it on any free port. Nobody may come in yet. */
  public static SecuredKafka with(TestCertificate certificate) {
    return new SecuredKafka(certificate);
  }

  /** Lets a user come in, who may do nothing yet. */
  public void admit(String user, String password) throws InterruptedException, ExecutionException {
    var credential = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS);
    try (var admin = Admin.create(Map.of("bootstrap.servers", plainBootstrapServers()))) {
      admin
          .alterUserScramCredentials(
              List.of(new UserScramCredentialUpsertion(user, credential, password)))
          .all()
          .get();
    }
  }

  /** The address for clients that believe the certificate and have a name and a password. */
  public String bootstrapServers() {
    return "localhost:" + port;
  }

  /** The address of the listener that asks for nothing. */
  public String plainBootstrapServers() {
    return broker.bootstrapServers();
  }

  @Override
  public void close() {
    broker.close();
    directory.close();
    TemporaryDirectory.delete(home);
  }
}
