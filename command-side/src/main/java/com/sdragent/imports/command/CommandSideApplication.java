package com.sdragent.imports.command;

import com.sdragent.imports.eventstore.Migration;
import java.util.Locale;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Import;

/** The command side as a process of its own, against a given PostgreSQL and Kafka. */
@SpringBootConfiguration(proxyBeanMethods = false)
@Import(CommandConfiguration.class)
public class CommandSideApplication {

  /**
   * Starts the command side; {@code application.yaml} beside the process and the environment
   * configure it. With {@code migrate} as the first argument it migrates the database and ends.
   */
  public static void main(String[] args) {
    // Libraries change case and write digits by the locale, and nothing here may depend on the
    // machine's.
    Locale.setDefault(Locale.ROOT);
    if (Migration.isAskedFor(args)) {
      Migration.run("command-side,application", args);
      return;
    }
    new SpringApplicationBuilder(CommandSideApplication.class)
        .properties(
            "spring.config.name=command-side,application", "spring.application.name=command-side")
        .run(args);
  }
}
