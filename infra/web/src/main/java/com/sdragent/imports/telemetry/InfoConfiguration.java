package com.sdragent.imports.telemetry;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.info.GitProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;

/** What runs: the version and commit of the service, and its database. */
@Configuration(proxyBeanMethods = false)
public class InfoConfiguration {
  private static final String UNKNOWN = "unknown";

  /** So that a change of version is seen beside what it changes. */
  @Bean
  MeterBinder buildInfo(ObjectProvider<BuildProperties> build, ObjectProvider<GitProperties> git) {
    BuildProperties built = build.getIfAvailable();
    GitProperties commit = git.getIfAvailable();
    return registry ->
        Gauge.builder("imports.build.info", () -> 1)
            .description("Always 1; the labels say what runs")
            .tag("version", text(built == null ? null : built.getVersion()))
            .tag("commit", text(commit == null ? null : commit.getShortCommitId()))
            .register(registry);
  }

  private static String text(@Nullable String value) {
    return Objects.requireNonNullElse(value, UNKNOWN);
  }

  @Bean
  InfoContributor databaseInfo(JdbcTemplate jdbc) {
    return info -> {
      try {
        String version = jdbc.queryForObject("show server_version", String.class);
        info.withDetail("postgresql", Map.of("version", text(version)));
      } catch (DataAccessException e) {
        info.withDetail("postgresql", Map.of("problem", "PostgreSQL does not answer"));
      }
    };
  }
}
