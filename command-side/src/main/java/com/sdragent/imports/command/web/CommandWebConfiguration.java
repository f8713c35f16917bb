package com.sdragent.imports.command.web;

import com.fasterxml.uuid.Generators;
import java.time.Clock;
import org.axonframework.commandhandling.CommandBus;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires the controller of POST, PUT and DELETE. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(CommandProperties.class)
public class CommandWebConfiguration {

  @Bean
  ImportCommandController importCommandController(
      CommandBus commandBus, CommandProperties properties) {
    // Ids that grow with time keep the store's index compact, so that a write costs the same for
    // ever.
    return new ImportCommandController(
        new ImportCommands(commandBus, properties.conflictTimeout()),
        Generators.timeBasedEpochRandomGenerator(),
        Clock.systemUTC());
  }

  @Bean
  ImportRequestConverter importRequestConverter() {
    return new ImportRequestConverter();
  }
}
