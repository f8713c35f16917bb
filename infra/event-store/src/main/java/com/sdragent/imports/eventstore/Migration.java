package com.sdragent.imports.eventstore;

import java.util.HashMap;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Brings the database to the schema of this version and ends, for a job that holds the owner's
 * password so that no node has to: {@code java -jar command-side-exec.jar migrate}.
 */
public final class Migration {
  private static final String COMMAND = "migrate";

  private Migration() {}

  /** Whether the arguments of a program ask for this instead of a node. */
  public static boolean isAskedFor(String[] args) {
    return args.length > 0 && args[0].equals(COMMAND);
  }

  /**
   * Runs the migrations on the class path with the settings of this configuration name, however
   * long they take. It waits for PostgreSQL as a node does, and reports why it failed as a node
   * does.
   */
  public static void run(String configuration, String... args) {
    new SpringApplicationBuilder(Application.class)
        .web(WebApplicationType.NONE)
        .properties("spring.config.name=" + configuration)
        .initializers(Migration::settings)
        .run(args)
        .close();
  }

  /** What holds for this program, whatever the nodes are told. */
  private static void settings(ConfigurableApplicationContext context) {
    ConfigurableEnvironment environment = context.getEnvironment();
    var settings = new HashMap<String, Object>();
    settings.put("spring.flyway.enabled", true);
    String user = environment.getProperty("spring.datasource.username");
    // With a user of its own, Flyway's statements may take as long as they need.
    if (user != null && !environment.containsProperty("spring.flyway.user")) {
      settings.put("spring.flyway.user", user);
      settings.put(
          "spring.flyway.password", environment.getProperty("spring.datasource.password", ""));
    }
    environment.getPropertySources().addFirst(new MapPropertySource("migrate", settings));
  }

  /** Nothing but the database and its migrations. */
  @SpringBootConfiguration(proxyBeanMethods = false)
  @ImportAutoConfiguration({DataSourceAutoConfiguration.class, FlywayAutoConfiguration.class})
  @Import(MigrationConfiguration.class)
  static class Application {}
}
