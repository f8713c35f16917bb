package com.sdragent.imports.eventstore.append;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.UUID;
import org.junit.jupiter.api.Test;

class WaitingCommandsTest {
  private static final UUID ONE = UUID.randomUUID();
  private static final UUID ANOTHER = UUID.randomUUID();

  private final WaitingCommands waiting = new WaitingCommands(5, 3);

  @Test
  void one_organization_cannot_keep_the_others_out() {
    for (int i = 0; i < 3; i++) waiting.enter(ONE);
    assertThatThrownBy(() -> waiting.enter(ONE)).isInstanceOf(EventStoreUnavailableException.class);
    waiting.enter(ANOTHER);
    assertThat(waiting.count()).isEqualTo(4);
  }

  @Test
  void one_more_than_fits_is_refused_at_once_and_whoever_leaves_makes_room() {
    for (int i = 0; i < 3; i++) waiting.enter(ONE);
    for (int i = 0; i < 2; i++) waiting.enter(ANOTHER);
    assertThatThrownBy(() -> waiting.enter(ANOTHER))
        .isInstanceOf(EventStoreUnavailableException.class);
    waiting.leave(ONE);
    waiting.enter(ANOTHER);
    assertThat(waiting.count()).isEqualTo(5);
  }
}
