package com.sdragent.imports.query.reads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sdragent.imports.query.reads.ReadingServer.Address;
import com.sdragent.imports.query.reads.ReadingServer.Kind;
import org.jspecify.annotations.Nullable;
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
}
