package com.sdragent.imports.standalone;

import com.sdragent.imports.command.CommandConfiguration;
import com.sdragent.imports.query.QueryConfiguration;
import java.util.Locale;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;

/** Both sides of the service in one process, with PostgreSQL and Kafka embedded. */
@SpringBootConfiguration(proxyBeanMethods = false)
@Import({CommandConfiguration.class, QueryConfiguration.class})
public class StandaloneApplication {

  /** Starts the service and prints how to try it. */
  public static void main(String[] args) {
    // Libraries change case and write digits by the locale, and nothing here may depend on the
    // machine's.
    Locale.setDefault(Locale.ROOT);
    // As --sun-misc-unsafe-memory-access=allow: Kafka's broker unmaps files by a method that the
    // JDK warns of at its first call, and nobody who starts this can do anything about it.
    System.setProperty("sun.misc.unsafe.memory.access", "allow");
    System.out.println("Starting the imports service with PostgreSQL and Kafka …");
    ConfigurableApplicationContext context;
    try {
      context = start(args);
    } catch (RuntimeException e) {
      // The failure has been reported in one line.
      System.exit(1);
      return;
    }
    System.out.println(greeting(context));
  }

  /** Starts the service as {@link #main} does, but leaves a failure to the caller. */
  static ConfigurableApplicationContext start(String... args) {
    return new SpringApplicationBuilder(StandaloneApplication.class)
        .properties("spring.config.name=standalone,application")
        .initializers(new StandaloneInitializer())
        .run(args);
  }

  private static String greeting(ConfigurableApplicationContext context) {
    String port = context.getEnvironment().getProperty("local.server.port");
    String address = "http://localhost:" + port;
    DemoAccess demo = context.getBeanProvider(DemoAccess.class).getIfAvailable();
    if (demo == null) return "\nReady: " + address + "\n";
    return """

    Ready: %1$s        try it: %1$s/swagger-ui.html

    Demo API key       %2$s
    Demo bearer token  %3$s

    curl -X POST "%1$s/imports/" -H "X-API-Key: %2$s" -H "Content-Type: application/json" \
    -d '{"source": "salesforce", "file_name": "leads.csv", "total_rows": 500}'
    """
        .formatted(address, DemoAccess.API_KEY, demo.token());
  }
}
