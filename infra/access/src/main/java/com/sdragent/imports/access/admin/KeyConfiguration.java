package com.sdragent.imports.access.admin;

import com.sdragent.imports.access.AccessProperties;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Wires all routes about keys, for nodes whose database role may change them. */
@Configuration(proxyBeanMethods = false)
@Import(AdminReadsConfiguration.class)
public class KeyConfiguration {

  @Bean
  KeyController keyController(StoredKeys keys, Trail trail, AccessProperties properties) {
    return new KeyController(keys, trail, properties.environment(), Clock.systemUTC());
  }
}
