package com.sdragent.imports.access.admin;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

/** Wires the audit trail and the routes about callers and keys that every node has. */
@Configuration(proxyBeanMethods = false)
public class AdminReadsConfiguration {

  @Bean
  StoredKeys storedKeys(JdbcTemplate jdbc) {
    return new StoredKeys(jdbc);
  }

  @Bean
  KeyListController keyListController(StoredKeys keys) {
    return new KeyListController(keys);
  }

  @Bean
  CallerController callerController() {
    return new CallerController();
  }

  @Bean
  Trail trail(JdbcTemplate jdbc) {
    return new Trail(jdbc);
  }

  @Bean
  TrailController trailController(JdbcTemplate jdbc) {
    return new TrailController(jdbc);
  }
}
