package com.sdragent.imports.testservers;

import com.sdragent.imports.embedded.DataDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.testcontainers.DockerClientFactory;

/** Whether tests run on containers. */
final class Containers {
  private static final Logger log = LoggerFactory.getLogger(Containers.class);

  private Containers() {}

  static boolean areAvailable() {
    return Found.DOCKER;
  }

  static DataDirectory temporaryDirectory(String name) {
    try {
      return DataDirectory.take(Files.createTempDirectory("imports-test-" + name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Found {
    static final boolean DOCKER = find();

    private static boolean find() {
      boolean docker = DockerClientFactory.instance().isDockerAvailable();
      log.info("Tests use PostgreSQL and Kafka {}", docker ? "from containers" : "embedded");
      return docker;
    }
  }
}
