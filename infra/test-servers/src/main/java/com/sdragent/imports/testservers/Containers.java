package com.sdragent.imports.testservers;

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

  private static final class Found {
    static final boolean DOCKER = find();

    private static boolean find() {
      boolean docker = DockerClientFactory.instance().isDockerAvailable();
      log.info("Tests use PostgreSQL and Kafka {}", docker ? "from containers" : "embedded");
      return docker;
    }
  }
}
