package com.sdragent.imports.query.reads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sdragent.imports.query.reads.ReadingServer.Address;
import com.sdragent.imports.query.reads.ReadingServer.Kind;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which servers requests may read from. */
class ReadingServerTest {

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "http://standby", "standby:5432"})
  void a_replica_without_an_address_is_refused(@Nullable String url) {
    assertThat(new ReadingServer(Kind.PRIMARY, new Address(url)).url()).isNull();
    assertThatThrownBy(() -> new ReadingServer(Kind.REPLICA, new Address(url)))
        .hasMessageStartingWith("imports.query.replica.url is missing or is no address")
        .hasMessageContaining("set it to an address such as jdbc:postgresql://standby/imports");
  }

  @Test
  void a_replica_that_no_read_would_wait_for_is_refused() {
    var replica = new ReadingServer(Kind.REPLICA, new Address("jdbc:postgresql://standby/imports"));
    assertThatThrownBy(() -> replica.requireWait(Duration.ZERO))
        .hasMessageStartingWith("imports.query.max-wait is 0")
        .hasMessageContaining("set imports.query.max-wait to a duration such as 1s");
    replica.requireWait(Duration.ofMillis(1));
    new ReadingServer(Kind.PRIMARY, new Address(null)).requireWait(Duration.ZERO);
  }
}
