package com.sdragent.imports.query.projection.rebuild;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How projections are rebuilt.
 *
 * @param batchSize how many events, or rows to compare, one step takes
 */
@ConfigurationProperties("imports.query.rebuild")
record RebuildProperties(@DefaultValue("10000") int batchSize) {

  RebuildProperties {
    if (batchSize <= 0) {
      throw new IllegalArgumentException(
          "imports.query.rebuild.batch-size must be positive: set it to a number such as 10000");
    }
  }
}
