package com.sdragent.imports.query.proof;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

/** Wires the routes about verifications and checkpoints. */
@Configuration(proxyBeanMethods = false)
public class ProofConfiguration {

  @Bean
  ProofController proofController(JdbcTemplate jdbc) {
    return new ProofController(new Verifications(jdbc), new CheckpointChecks(jdbc));
  }
}
