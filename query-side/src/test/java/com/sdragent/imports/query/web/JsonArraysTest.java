package com.sdragent.imports.query.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.access.Caller;
import com.sdragent.imports.access.Credential;
import com.sdragent.imports.query.web.JsonArrays.Chunk;
import com.sdragent.imports.query.web.JsonArrays.Source;
import com.sdragent.imports.web.ApiError;
import com.sdragent.imports.web.Failures;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.coyote.CloseNowException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.databind.json.JsonMapper;

@Timeout(20)
class JsonArraysTest {
  private static final Caller CALLER = Recipients.caller(UUID.randomUUID());

  private final ReadingTurns turns =
      new ReadingTurns(4, Duration.ofSeconds(1), new Seats("long answers", 1, 1));
  private final JsonArrays arrays =
      new JsonArrays(
          JsonMapper.builder().build(), new Failures(List.of()), turns, 2, Duration.ofMinutes(1));
  private final MockHttpServletRequest request = new MockHttpServletRequest();

  @Test
  void a_client_that_has_gone_ends_a_list_although_nothing_passes_its_filter() {
    Source<Integer> nothingForEver = _ -> new Chunk<>(List.of(), false);
    assertThatThrownBy(() -> write(nothingForEver, new Gone())).hasStackTraceContaining("gone");
  }

  @Test
  void looks_that_find_nothing_leave_the_array_what_it_is() throws IOException {
    var looks =
        new ArrayDeque<>(
            List.of(
                new Chunk<Integer>(List.of(), false),
                new Chunk<>(List.of(1, 2), false),
                new Chunk<Integer>(List.of(), false),
                new Chunk<>(List.of(3), true)));
    var response = new MockHttpServletResponse();
    write(_ -> looks.remove(), response);
    assertThat(JsonMapper.builder().build().readValue(response.getContentAsString(), int[].class))
        .containsExactly(1, 2, 3);
  }

  @Test
  void a_list_breaks_off_when_the_credential_of_its_reader_holds_no_longer() throws IOException {
    long end = System.nanoTime() + Duration.ofMillis(100).toNanos();
    Credential revoked = () -> System.nanoTime() < end;
    request.setAttribute(Credential.class.getName(), revoked);
    Source<Integer> everMore = _ -> new Chunk<>(List.of(1, 2), false);
    var response = new MockHttpServletResponse();
    assertThatThrownBy(() -> write(everMore, response)).isInstanceOf(CloseNowException.class);
    assertThat(response.getContentAsString()).startsWith("[1,2,1,").doesNotEndWith("]");
  }

  @Test
  void a_list_whose_later_look_fails_breaks_off_once_it_has_begun() {
    var failure = new DataAccessResourceFailureException("of a test");
    for (int chunks : new int[] {1, 2_000}) {
      var left = new AtomicInteger(chunks);
      Source<Integer> fails =
          _ -> {
            if (left.getAndDecrement() == 0) throw failure;
            return new Chunk<>(List.of(1, 2), false);
          };
      assertThatThrownBy(() -> write(fails, new MockHttpServletResponse()))
          .isInstanceOf(chunks == 1 ? failure.getClass() : CloseNowException.class);
    }
  }

  @Test
  void a_page_that_needs_many_looks_takes_a_seat_and_one_of_a_single_look_none()
      throws IOException {
    var looks =
        new ArrayDeque<>(
            List.of(
                new Chunk<Integer>(List.of(1, 2), false),
                new Chunk<Integer>(List.of(1), false),
                new Chunk<Integer>(List.of(2), false)));
    try (var _ = turns.enter(Recipients.of(CALLER.organization()))) {
      page(_ -> looks.remove());
      assertThatThrownBy(() -> page(_ -> looks.remove())).isInstanceOf(ApiError.class);
    }
  }

  @Test
  void a_client_that_has_gone_in_the_middle_of_a_list_is_no_failure_of_the_service() {
    Source<Integer> everMore = _ -> new Chunk<>(List.of(1, 2), false);
    var gone = new Gone();
    gone.setCommitted(true);
    assertThatThrownBy(() -> write(everMore, gone))
        .isInstanceOf(JacksonIOException.class)
        .hasRootCauseMessage("gone");
  }

  @Test
  void a_large_page_takes_seats_until_it_is_written_and_a_small_one_none() throws Exception {
    try (var _ = turns.enter(Recipients.of(CALLER.organization()))) {
      assertThat(page(30_000, new MockHttpServletResponse())).hasSizeGreaterThan(30_000);
      assertThatThrownBy(() -> page(40_000, new MockHttpServletResponse()))
          .isInstanceOf(ApiError.class);
    }
    var slow = new Slow();
    var reader = new FutureTask<>(() -> page(600_000, slow));
    Thread.startVirtualThread(reader);
    slow.begun.await();
    // Not the three that it would need: an organization that has fewer gets one page at a time.
    assertThat(turns.seatsTaken()).isEqualTo(1);
    slow.mayEnd.countDown();
    reader.get();
    assertThat(turns.seatsTaken()).isZero();
  }

  /** The body of a page of one text of this length. */
  private String page(int length, MockHttpServletResponse response) throws IOException {
    Source<String> one = Source.direct(_ -> new Chunk<>(List.of("x".repeat(length)), true));
    arrays.<String>write(1, one, (_, _) -> "", CALLER, request, response);
    return response.getContentAsString();
  }

  @Test
  void requests_that_come_together_share_a_page_and_link_by_their_own_address() throws Exception {
    var looks = new AtomicInteger();
    var mayEnd = new CountDownLatch(1);
    Source<Integer> rows =
        Source.direct(
            _ -> {
              int number = looks.incrementAndGet();
              if (number == 1) uninterruptibly(mayEnd);
              return new Chunk<>(List.of(number, 0), true);
            });
    var first = new FutureTask<>(() -> shared("/imports", rows));
    Thread.startVirtualThread(first);
    await().until(() -> looks.get() == 1);
    var second = new FutureTask<>(() -> shared("/imports", rows));
    var third = new FutureTask<>(() -> shared("/imports/", rows));
    List<Thread> later = Stream.of(second, third).map(Thread::startVirtualThread).toList();
    var waits = EnumSet.of(Thread.State.WAITING, Thread.State.TIMED_WAITING);
    await().until(() -> later.stream().allMatch(one -> waits.contains(one.getState())));
    mayEnd.countDown();

    assertThat(first.get().getContentAsString()).isEqualTo("[1]");
    assertThat(second.get().getContentAsString()).isEqualTo("[2]");
    assertThat(second.get().getHeader("Link")).isEqualTo("<imports?after>; rel=\"next\"");
    assertThat(third.get().getContentAsString()).isEqualTo("[2]");
    assertThat(third.get().getHeader("Link")).isEqualTo("<?after>; rel=\"next\"");
  }

  private MockHttpServletResponse shared(String address, Source<Integer> source)
      throws IOException {
    var response = new MockHttpServletResponse();
    arrays.<Integer>writeShared(
        "key",
        1,
        source,
        (_, _) -> "after",
        CALLER,
        new MockHttpServletRequest("GET", address),
        response);
    return response;
  }

  private void page(Source<Integer> source) throws IOException {
    arrays.<Integer>write(1, source, (_, _) -> "", CALLER, request, new MockHttpServletResponse());
  }

  private void write(Source<Integer> source, MockHttpServletResponse response) throws IOException {
    arrays.<Integer>write(null, source, (_, _) -> "", CALLER, request, response);
  }

  private static void uninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Of a client that takes nothing for a while. */
  private static final class Slow extends MockHttpServletResponse {
    final CountDownLatch begun = new CountDownLatch(1);
    final CountDownLatch mayEnd = new CountDownLatch(1);

    @Override
    public ServletOutputStream getOutputStream() {
      begun.countDown();
      uninterruptibly(mayEnd);
      return super.getOutputStream();
    }
  }

  /** Of a client that closed the connection. */
  private static final class Gone extends MockHttpServletResponse {
    @Override
    public ServletOutputStream getOutputStream() {
      return new ServletOutputStream() {
        @Override
        public void write(int b) throws IOException {
          throw new IOException("gone");
        }

        @Override
        public boolean isReady() {
          return true;
        }

        @Override
        public void setWriteListener(WriteListener listener) {}
      };
    }
  }
}
