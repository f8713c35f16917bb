package com.sdragent.imports.query.replay;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the read model is rebuilt.
 *
 * @param batchSize how many events, or rows to compare, one step takes
 */
@ConfigurationProperties("imports.query.rebuild")
record ReplayProperties(@DefaultValue("10000") int batchSize) {

  ReplayProperties {
    if (batchSize <= 0) {
      throw new IllegalArgumentException(
          "imports.query.rebuild.batch-size must be positive: set it to a number such as 10000");
    }
  }
}
