package com.sdragent.imports.query;

import com.sdragent.imports.eventstore.Migration;
import java.util.Locale;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Import;

/** The query side as a process of its own, against a given PostgreSQL. */
@SpringBootConfiguration(proxyBeanMethods = false)
@Import(QueryConfiguration.class)
public class QuerySideApplication {

  /**
   * Starts the query side; {@code application.yaml} beside the process and the environment
   * configure it. With {@code migrate} as the first argument it migrates the database and ends.
   */
  public static void main(String[] args) {
    // Libraries change case and write digits by the locale, and nothing here may depend on the
    // machine's.
    Locale.setDefault(Locale.ROOT);
    if (Migration.isAskedFor(args)) {
      Migration.run("query-side,application", args);
      return;
    }
    new SpringApplicationBuilder(QuerySideApplication.class)
        .properties(
            "spring.config.name=query-side,application",
            "spring.application.name=query-side",
            "server.port=8081")
        .run(args);
  }
}
