package com.sdragent.imports.query;

import com.sdragent.imports.access.AccessConfiguration;
import com.sdragent.imports.access.admin.AdminReadsConfiguration;
import com.sdragent.imports.eventstore.EventStoreConfiguration;
import com.sdragent.imports.query.console.ConsoleConfiguration;
import com.sdragent.imports.query.history.HistoryConfiguration;
import com.sdragent.imports.query.imports.ImportsConfiguration;
import com.sdragent.imports.query.projection.ProjectionConfiguration;
import com.sdragent.imports.query.projection.admin.AdminConfiguration;
import com.sdragent.imports.query.projection.rebuild.RebuildConfiguration;
import com.sdragent.imports.query.proof.ProofConfiguration;
import com.sdragent.imports.query.reads.ReadsConfiguration;
import com.sdragent.imports.query.summary.SummaryConfiguration;
import com.sdragent.imports.query.web.ReadingConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The complete query side: an application adds a DataSource. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({
  EventStoreConfiguration.class,
  AccessConfiguration.class,
  AdminReadsConfiguration.class,
  ReadingConfiguration.class,
  ReadsConfiguration.class,
  ProjectionConfiguration.class,
  RebuildConfiguration.class,
  AdminConfiguration.class,
  ImportsConfiguration.class,
  HistoryConfiguration.class,
  SummaryConfiguration.class,
  ProofConfiguration.class,
  ConsoleConfiguration.class
})
public class QueryConfiguration {}
