package com.sdragent.imports.query.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.query.web.JsonArrays.Chunk;
import com.sdragent.imports.query.web.JsonArrays.Source;
import com.sdragent.imports.web.ApiError;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class ReadingTurnsTest {
  private final UUID one = UUID.randomUUID();
  private final UUID other = UUID.randomUUID();
  private final UUID third = UUID.randomUUID();
  private final AtomicInteger looking = new AtomicInteger();
  private final CountDownLatch end = new CountDownLatch(1);

  @AfterEach
  void endLooks() {
    end.countDown();
  }

  @Test
  void one_that_waits_too_long_for_a_turn_is_told_to_come_back() {
    var turns = turns(Duration.ofMillis(20));
    takeBoth(turns);
    assertThatThrownBy(() -> take(turns, one))
        .isInstanceOf(ApiError.class)
        .hasMessageContaining("try again");
    end.countDown();
    await().until(() -> looking.get() == 0);
    assertThat(take(turns, one)).isEqualTo("mine");
  }

  @Test
  void one_organization_leaves_half_of_the_turns_to_the_others() {
    var turns = turns(Duration.ofSeconds(10));
    for (int i = 0; i < 50; i++) look(turns, one);
    await().until(() -> looking.get() == 2);
    assertThat(take(turns, other)).isEqualTo("mine");
    assertThat(looking).hasValue(2);
  }

  @Test
  void organizations_take_turns_however_many_of_one_wait() {
    var turns = turns(Duration.ofSeconds(10));
    List<UUID> order = new CopyOnWriteArrayList<>();
    var first = new CountDownLatch(1);
    var second = new CountDownLatch(1);
    hold(turns, one, first, order);
    hold(turns, one, second, order);
    for (int i = 0; i < 2; i++) hold(turns, other, end, order);
    await().until(() -> order.size() == 4);
    for (int i = 0; i < 20; i++) hold(turns, one, end, order);
    await().until(() -> turns.waiting() == 20);
    hold(turns, third, end, order);
    await().until(() -> turns.waiting() == 21);
    first.countDown();
    second.countDown();
    await().until(() -> order.size() == 6);
    assertThat(order.subList(4, 6)).containsExactlyInAnyOrder(one, third);
    end.countDown();
  }

  @Test
  void one_whose_client_goes_while_it_waits_gives_up() {
    var turns = turns(Duration.ofMinutes(1));
    takeBoth(turns);
    var open = new AtomicBoolean(true);
    CompletableFuture<String> waiting =
        CompletableFuture.supplyAsync(
            () -> {
              try (var seat = turns.enter(Recipients.of(one, open::get))) {
                return seat.take(() -> "mine");
              }
            },
            Thread::startVirtualThread);
    await().until(() -> turns.waiting() == 1);
    open.set(false);
    assertThatThrownBy(() -> waiting.get(3, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(ApiError.class);
    assertThat(turns.waiting()).isZero();
  }

  @Test
  void an_answer_that_has_begun_waits_for_its_turn_as_long_as_its_client() {
    var turns = turns(Duration.ofMillis(20));
    try (var seat = turns.enter(Recipients.of(one))) {
      assertThat(seat.take(() -> "first")).isEqualTo("first");
      takeBoth(turns);
      CompletableFuture<String> next =
          CompletableFuture.supplyAsync(() -> seat.goOn(() -> "next"), Thread::startVirtualThread);
      await().until(() -> turns.waiting() == 1);
      assertThatThrownBy(() -> take(turns, one)).hasMessageContaining("try again");
      end.countDown();
      assertThat(next.join()).isEqualTo("next");
    }
  }

  @Test
  void a_page_that_may_read_much_waits_for_a_turn_and_a_direct_one_does_not() {
    var turns = turns(Duration.ofMillis(20));
    takeBoth(turns);
    Source<Integer> nothing = _ -> new Chunk<>(List.of(), true);
    assertThat(turns.gather(1, Source.direct(nothing), Recipients.of(one))).isEmpty();
    assertThatThrownBy(() -> turns.gather(1, nothing, Recipients.of(one)))
        .hasMessageContaining("try again");
    assertThat(turns.gather(1, nothing, Recipients.of(other))).isEmpty();
  }

  @Test
  void a_look_that_fails_gives_its_turn_back() {
    var turns = turns(Duration.ofMillis(20));
    for (int i = 0; i < 10; i++) {
      try (var seat = turns.enter(Recipients.of(one))) {
        assertThatThrownBy(
                () ->
                    seat.take(
                        () -> {
                          throw new IllegalStateException("away");
                        }))
            .hasMessage("away");
      }
    }
    assertThat(take(turns, one)).isEqualTo("mine");
  }

  @Test
  void seats_are_bounded_for_each_organization_and_for_all_together() {
    var seats = new Seats("long answers", 3, 2);
    Seats.Seat first = seats.enter(one);
    seats.enter(one);
    assertThatThrownBy(() -> seats.enter(one))
        .isInstanceOf(ApiError.class)
        .hasMessage(
            "Your organization has as many long answers under way as it may have, try again");
    seats.enter(other);
    assertThatThrownBy(() -> seats.enter(third))
        .isInstanceOf(ApiError.class)
        .hasMessage("Too many long answers are under way, try again");
    first.close();
    seats.enter(third).close();
    seats.enter(one).close();
    assertThat(seats.taken()).isEqualTo(2);
  }

  @Test
  void an_answer_that_keeps_more_in_memory_takes_more_places_where_there_are_some() {
    var seats = new Seats("long answers", 6, 4);
    try (var _ = seats.enter(one, 3)) {
      assertThatThrownBy(() -> seats.enter(one, 2)).isInstanceOf(ApiError.class);
      seats.enter(one, 1).close();
      assertThatThrownBy(() -> seats.enter(other, 4)).isInstanceOf(ApiError.class);
      seats.enter(other, 3).close();
      assertThat(seats.taken()).isEqualTo(3);
    }
    // One that is larger than all that an organization may have is let in alone.
    try (var _ = seats.enter(one, 100)) {
      assertThat(seats.taken()).isEqualTo(4);
      assertThatThrownBy(() -> seats.enter(one)).isInstanceOf(ApiError.class);
    }
    assertThat(seats.taken()).isZero();
    assertThat(seats.refused()).isEqualTo(3);
  }

  private static ReadingTurns turns(Duration longestWait) {
    return new ReadingTurns(4, longestWait, new Seats("long answers", 100, 60));
  }

  private static String take(ReadingTurns turns, UUID organization) {
    try (var seat = turns.enter(Recipients.of(organization))) {
      return seat.take(() -> "mine");
    }
  }

  /** One that looks until the end. */
  private void look(ReadingTurns turns, UUID organization) {
    Thread.startVirtualThread(
        () -> {
          try (var seat = turns.enter(Recipients.of(organization))) {
            boolean _ =
                seat.take(
                    () -> {
                      looking.incrementAndGet();
                      awaitEnd();
                      looking.decrementAndGet();
                      return true;
                    });
          }
        });
  }

  /** Looks of one organization take both turns, until the end. */
  private void takeBoth(ReadingTurns turns) {
    for (int i = 0; i < 2; i++) look(turns, one);
    await().until(() -> looking.get() == 2);
  }

  /** One that says when its turn has come, and keeps it until it is told to end. */
  private static void hold(
      ReadingTurns turns, UUID organization, CountDownLatch until, List<UUID> order) {
    Thread.startVirtualThread(
        () -> {
          try (var seat = turns.enter(Recipients.of(organization))) {
            boolean _ =
                seat.take(
                    () -> {
                      order.add(organization);
                      try {
                        until.await();
                      } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                      }
                      return true;
                    });
          }
        });
  }

  private void awaitEnd() {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
