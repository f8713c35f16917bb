package com.sdragent.imports.query.console;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires the console. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ConsoleProperties.class)
public class ConsoleConfiguration {

  @Bean
  ConsoleController consoleController(ConsoleProperties properties) {
    return new ConsoleController(new ConsoleFiles(properties));
  }
}
