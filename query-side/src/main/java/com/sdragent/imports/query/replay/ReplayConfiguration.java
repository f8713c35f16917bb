package com.sdragent.imports.query.replay;

import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.loops.Loops;
import com.sdragent.imports.query.view.ParkedEvents;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Wires rebuilds of the read model. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ReplayProperties.class)
public class ReplayConfiguration {

  @Bean
  RebuildWorker rebuildWorker(
      JdbcTemplate jdbc,
      PlatformTransactionManager transactions,
      EventLog log,
      ParkedEvents parked,
      ReplayProperties properties,
      Loops loops) {
    return new RebuildWorker(
        new Rebuild(
            jdbc,
            new LongTransactions(jdbc, new TransactionTemplate(transactions)),
            log,
            parked,
            properties.batchSize()),
        loops);
  }

  @Bean
  RebuildController rebuildController(JdbcTemplate jdbc, RebuildWorker worker) {
    return new RebuildController(new Rebuilds(jdbc), worker);
  }
}
