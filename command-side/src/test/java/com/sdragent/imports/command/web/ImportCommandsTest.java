package com.sdragent.imports.command.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sdragent.imports.access.ActorKind;
import com.sdragent.imports.access.Caller;
import com.sdragent.imports.command.domain.DeleteImport;
import com.sdragent.imports.traces.Traces;
import com.sdragent.imports.web.ApiError;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.axonframework.commandhandling.CommandBus;
import org.axonframework.commandhandling.SimpleCommandBus;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;

class ImportCommandsTest {
  private static final UUID ORGANIZATION = UUID.randomUUID();
  private static final UUID IMPORT = UUID.randomUUID();

  private final CountDownLatch begun = new CountDownLatch(2);
  private final CountDownLatch mayEnd = new CountDownLatch(1);
  private final CommandBus bus = SimpleCommandBus.builder().build();

  @SuppressWarnings("NullAway") // a command without a decision needs no store
  private final ImportCommands commands =
      new ImportCommands(bus, null, Traces.OFF, Duration.ofMillis(100));

  @Test
  void under_a_key_one_request_at_a_time_is_done_and_others_are_told_in_the_end() throws Exception {
    var _ =
        bus.subscribe(
            DeleteImport.class.getName(),
            _ -> {
              begun.countDown();
              mayEnd.await();
              return null;
            });
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> first = threads.submit(() -> delete(ORGANIZATION));
      // The key of another organization is another one.
      Future<?> other = threads.submit(() -> delete(UUID.randomUUID()));
      begun.await();
      assertThatThrownBy(() -> delete(ORGANIZATION))
          .isInstanceOfSatisfying(
              ApiError.class, error -> assertThat(error.status()).isEqualTo(409));
      mayEnd.countDown();
      assertThat(first.get()).isNull();
      assertThat(other.get()).isNull();
    }
    delete(ORGANIZATION);
  }

  private void delete(UUID organization) {
    var request = new MockHttpServletRequest("DELETE", "/imports/" + IMPORT);
    request.addHeader("Idempotency-Key", "k");
    commands.send(
        new DeleteImport(IMPORT, organization, Instant.EPOCH, _ -> true),
        new Caller(organization, "a test", ActorKind.KEY, null, Set.of()),
        request,
        () -> new FirstAnswer(200, Map.of(), "{}"));
  }
}
