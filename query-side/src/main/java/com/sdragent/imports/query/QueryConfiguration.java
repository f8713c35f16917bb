package com.sdragent.imports.query;

import com.sdragent.imports.access.AccessConfiguration;
import com.sdragent.imports.eventstore.EventStoreConfiguration;
import com.sdragent.imports.query.history.HistoryConfiguration;
import com.sdragent.imports.query.replay.ReplayConfiguration;
import com.sdragent.imports.query.view.ViewConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The query side, complete: an application adds a DataSource. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({
  EventStoreConfiguration.class,
  AccessConfiguration.class,
  ViewConfiguration.class,
  HistoryConfiguration.class,
  ReplayConfiguration.class
})
public class QueryConfiguration {}
