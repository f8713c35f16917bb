package com.sdragent.imports.query.projection.rebuild;

import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.eventstore.Notifications;
import com.sdragent.imports.loops.Loops;
import com.sdragent.imports.query.projection.Projections;
import com.sdragent.imports.query.projection.RunningProjection;
import java.util.ArrayList;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Wires rebuilds of projections. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(RebuildProperties.class)
public class RebuildConfiguration {

  @Bean
  Notifications.Channel rebuildChannel() {
    return Rebuilds.CHANNEL;
  }

  @Bean
  RebuildWorkers rebuildWorkers(
      Projections projections,
      JdbcTemplate jdbc,
      PlatformTransactionManager transactions,
      EventLog log,
      RebuildProperties properties,
      Notifications notifications,
      Loops loops) {
    var longTransactions = new LongTransactions(jdbc, new TransactionTemplate(transactions));
    var workers = new ArrayList<RebuildWorker>();
    for (RunningProjection<?> one : projections.all()) {
      var rebuild = new Rebuild(one, longTransactions, log, properties.batchSize());
      workers.add(new RebuildWorker(one.name(), rebuild, loops));
    }
    var all = new RebuildWorkers(workers);
    notifications.on(Rebuilds.CHANNEL, _ -> all.wake());
    return all;
  }
}
