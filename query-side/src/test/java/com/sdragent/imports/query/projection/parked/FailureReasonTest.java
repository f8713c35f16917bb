package com.sdragent.imports.query.projection.parked;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import java.sql.SQLException;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

class FailureReasonTest {
  @Test
  void a_reason_names_no_class_and_no_host() {
    for (Exception failure :
        new Exception[] {
          unreadable("\"x\""),
          unreadable("{\"id\":"),
          new NullPointerException(),
          new NullPointerException("Cannot invoke \"com.sdragent.imports.A.b()\", it is null"),
          new IllegalStateException(new ConnectException("Connection to db:5432 refused")),
          new SQLException("Connection to db:5432 refused", "08001")
        }) {
      assertThat(FailureReason.of(failure))
          .isNotBlank()
          .doesNotContain("java.", "com.", "Exception", "jackson", "db:5432");
    }
  }

  @Test
  void a_reason_of_our_own_is_told_in_one_line() {
    assertThat(FailureReason.of(new IllegalStateException("It was deleted before\nand more")))
        .isEqualTo("It was deleted before");
  }

  private static Exception unreadable(String json) {
    try {
      return new IllegalStateException(JsonMapper.shared().readValue(json, UUID.class).toString());
    } catch (JacksonException e) {
      return e;
    }
  }
}
