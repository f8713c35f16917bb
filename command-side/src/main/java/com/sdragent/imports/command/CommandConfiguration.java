package com.sdragent.imports.command;

import com.sdragent.imports.access.AccessConfiguration;
import com.sdragent.imports.access.admin.KeyConfiguration;
import com.sdragent.imports.command.domain.DomainConfiguration;
import com.sdragent.imports.command.publication.PublicationConfiguration;
import com.sdragent.imports.command.publication.replay.ReplayConfiguration;
import com.sdragent.imports.command.web.CommandWebConfiguration;
import com.sdragent.imports.eventstore.AppendConfiguration;
import com.sdragent.imports.eventstore.EventStoreConfiguration;
import org.axonframework.springboot.autoconfig.JdbcAutoConfiguration;
import org.axonframework.springboot.autoconfig.JpaAutoConfiguration;
import org.axonframework.springboot.autoconfig.JpaEventStoreAutoConfiguration;
import org.axonframework.springboot.autoconfig.SecurityAutoConfiguration;
import org.axonframework.springboot.autoconfig.XStreamAutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * The complete command side: an application adds a DataSource and Kafka's address. Axon's own
 * stores and token tables are left out, because they have no place beside the event store.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration(
    exclude = {
      JdbcAutoConfiguration.class,
      JpaAutoConfiguration.class,
      JpaEventStoreAutoConfiguration.class,
      SecurityAutoConfiguration.class,
      XStreamAutoConfiguration.class
    })
@Import({
  EventStoreConfiguration.class,
  AppendConfiguration.class,
  AccessConfiguration.class,
  KeyConfiguration.class,
  DomainConfiguration.class,
  CommandWebConfiguration.class,
  PublicationConfiguration.class,
  ReplayConfiguration.class
})
public class CommandConfiguration {}
