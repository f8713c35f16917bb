package com.sdragent.imports.eventstore;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class NewestEventsTest {
  private static final EventSerializer SERIALIZER = new EventSerializer(List.of());

  private final NewestEvents newest = new NewestEvents(10);

  @Test
  void the_last_ones_are_kept_and_a_list_that_was_returned_never_changes() {
    var returned = new ArrayList<List<RecordedEvent>>();
    var copies = new ArrayList<List<RecordedEvent>>();
    long last = 0;
    for (int round = 0; round < 100; round++) {
      int more = 1 + round % 13;
      newest.add(newest.get(), events(last + 1, last + more));
      last += more;
      returned.add(newest.get());
      copies.add(List.copyOf(newest.get()));
      long first = Math.max(1, last - 9);
      assertThat(newest.get())
          .extracting(RecordedEvent::position)
          .isEqualTo(LongStream.rangeClosed(first, last).boxed().toList());
    }
    assertThat(returned).isEqualTo(copies);
  }

  @Test
  void others_take_the_place_of_those_that_were_forgotten() {
    newest.add(newest.get(), events(1, 5));
    newest.forget(newest.get());
    assertThat(newest.get()).isEmpty();
    newest.replace(newest.get(), events(100, 103));
    assertThat(newest.get()).hasSize(4);
    newest.replace(newest.get(), events(7, 8));
    newest.add(newest.get(), events(9, 9));
    assertThat(newest.get()).extracting(RecordedEvent::position).containsExactly(7L, 8L, 9L);
  }

  @Test
  void whoever_comes_too_late_changes_nothing() {
    newest.add(newest.get(), events(1, 2));
    List<RecordedEvent> seen = newest.get();
    newest.add(seen, events(3, 3));
    List<RecordedEvent> now = newest.get();
    newest.add(seen, events(3, 4));
    newest.replace(seen, events(9, 9));
    newest.forget(seen);
    assertThat(newest.get()).isSameAs(now);
  }

  private static List<RecordedEvent> events(long first, long last) {
    return LongStream.rangeClosed(first, last).mapToObj(NewestEventsTest::event).toList();
  }

  private static RecordedEvent event(long position) {
    var row =
        new StoredEvent(
            position,
            UUID.randomUUID().toString(),
            0,
            UUID.randomUUID().toString(),
            "ImportCreated",
            1,
            Instant.EPOCH,
            "{}",
            "{}");
    return new RecordedEvent(row, UUID.randomUUID(), SERIALIZER);
  }
}
