package com.sdragent.imports.eventstore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import org.axonframework.common.IdentifierFactory;
import org.axonframework.eventhandling.GenericEventMessage;
import org.junit.jupiter.api.Test;

class TimeOrderedIdsTest {
  @Test
  void axon_takes_its_ids_from_here() {
    assertThat(IdentifierFactory.getInstance()).isInstanceOf(TimeOrderedIds.class);
    assertThat(UUID.fromString(new GenericEventMessage<>("an event").getIdentifier()).version())
        .isEqualTo(7);
  }

  @Test
  void an_id_begins_with_its_time_and_is_an_rfc_9562_uuid_of_version_7() {
    long before = System.currentTimeMillis();
    UUID id = TimeOrderedIds.next();
    long after = System.currentTimeMillis();
    assertThat(id.getMostSignificantBits() >>> 16).isBetween(before, after);
    assertThat(id.version()).isEqualTo(7);
    assertThat(id.variant()).isEqualTo(2);
  }

  @Test
  void threads_that_make_ids_together_make_no_id_twice() {
    Set<UUID> ids = ConcurrentHashMap.newKeySet();
    try (var threads = Executors.newFixedThreadPool(4)) {
      for (int thread = 0; thread < 4; thread++) {
        var _ =
            threads.submit(
                () -> {
                  for (int i = 0; i < 50_000; i++) ids.add(TimeOrderedIds.next());
                });
      }
    }
    assertThat(ids).hasSize(200_000);
  }
}
