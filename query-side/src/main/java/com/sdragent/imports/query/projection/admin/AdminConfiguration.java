package com.sdragent.imports.query.projection.admin;

import com.sdragent.imports.access.admin.Trail;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.query.projection.ProjectionProperties;
import com.sdragent.imports.query.projection.ProjectionStatuses;
import com.sdragent.imports.query.projection.Projections;
import com.sdragent.imports.query.web.JsonArrays;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Wires the routes for operators of projections. */
@Configuration(proxyBeanMethods = false)
public class AdminConfiguration {

  @Bean
  ParkedEventsController parkedEventsController(
      Projections projections,
      PlatformTransactionManager transactions,
      EventLog log,
      ProjectionProperties properties,
      JsonArrays arrays,
      Trail trail) {
    return new ParkedEventsController(
        projections,
        new TransactionTemplate(transactions),
        log,
        properties.batchSize(),
        arrays,
        trail);
  }

  @Bean
  ProjectionStatusController projectionStatusController(ProjectionStatuses statuses) {
    return new ProjectionStatusController(statuses);
  }

  @Bean
  RebuildController rebuildController(Projections projections, Trail trail) {
    return new RebuildController(projections, trail);
  }
}
