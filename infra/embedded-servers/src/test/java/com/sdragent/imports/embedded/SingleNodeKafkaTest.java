package com.sdragent.imports.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import kafka.server.KafkaConfig;
import org.apache.kafka.storage.internals.log.CleanerConfig;
import org.junit.jupiter.api.Test;

class SingleNodeKafkaTest {
  private static final long EIGHTH_OF_A_SMALL_HEAP = 512 * 1024 * 1024 / 8;

  @Test
  void the_broker_leaves_a_small_heap_to_the_service() {
    var settings =
        KafkaConfig.fromProps(SingleNodeKafka.properties(Path.of("kafka"), 19092), false);
    assertThat(settings.getLong(CleanerConfig.LOG_CLEANER_DEDUPE_BUFFER_SIZE_PROP))
        .isLessThan(EIGHTH_OF_A_SMALL_HEAP);
  }
}
