package com.sdragent.imports.command;

import com.sdragent.imports.testservers.TestKafka;
import com.sdragent.imports.testservers.TestPostgres;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** A node of the command side in this process, on a database and topics of its own. */
public final class CommandService implements AutoCloseable {
  /** The key that it lets in. */
  public static final String KEY = "sk_of_the_command_side";

  /** The organization that the key belongs to. */
  public static final UUID ORGANIZATION = UUID.fromString("123e4567-e89b-12d3-a456-426614174000");

  private final ConfigurableApplicationContext context;
  private final String topics;

  /** Starts it on a database that is empty. */
  public CommandService(String... settings) {
    this(TestPostgres.freshDatabase(), settings);
  }

  /** Starts it beside others on this database. */
  public CommandService(TestPostgres.Database database, String... settings) {
    topics = "command." + UUID.randomUUID();
    var arguments =
        new ArrayList<String>(
            List.of(
                "--server.port=0",
                "--logging.level.root=warn",
                "--spring.datasource.url=" + database.jdbcUrl(),
                "--spring.datasource.username=" + database.username(),
                "--spring.datasource.password=" + database.password(),
                "--spring.kafka.bootstrap-servers=" + TestKafka.bootstrapServers(),
                "--imports.relay.replication-factor=1",
                "--imports.relay.events-topic=" + eventsTopic(),
                "--imports.relay.position-topic=" + topics + ".relay",
                "--imports.access.api-keys[0].key=" + KEY,
                "--imports.access.api-keys[0].organization=" + ORGANIZATION,
                "--imports.access.api-keys[0].name=test"));
    arguments.addAll(List.of(settings));
    context =
        new SpringApplicationBuilder(CommandSideApplication.class)
            .properties("spring.config.name=command-side")
            .run(arguments.toArray(String[]::new));
  }

  /** The topic that its relay fills. */
  public String eventsTopic() {
    return topics + ".events";
  }

  /** Where it listens. */
  public String url() {
    return "http://localhost:" + context.getEnvironment().getProperty("local.server.port");
  }

  /** One of its beans. */
  public <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  @Override
  public void close() {
    context.close();
  }
}
