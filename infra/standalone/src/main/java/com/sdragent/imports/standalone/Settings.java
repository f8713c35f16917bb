package com.sdragent.imports.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.io.ClassPathResource;

/** The records of settings of all parts, which are read before anything is started. */
final class Settings {
  private static final String NAMES = "records-of-settings.txt";

  private Settings() {}

  /**
   * Reads each record once, as Spring does it later.
   *
   * @throws RuntimeException of Spring's or the record's own, when a setting is wrong
   */
  static void require(Binder settings) {
    try {
      for (String name : names()) {
        Class<?> record = Class.forName(name);
        ConfigurationProperties prefix = record.getAnnotation(ConfigurationProperties.class);
        settings.bindOrCreate(prefix.value(), record);
      }
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(NAMES + " names a class that there is not", e);
    }
  }

  static List<String> names() {
    try {
      return new ClassPathResource(NAMES).getContentAsString(UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
