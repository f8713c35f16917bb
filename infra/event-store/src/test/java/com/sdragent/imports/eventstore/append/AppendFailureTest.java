package com.sdragent.imports.eventstore.append;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

class AppendFailureTest {
  @Test
  void what_the_driver_says_by_itself_leaves_open_whether_it_was_stored() {
    for (PSQLState state : PSQLState.values()) {
      assertThat(AppendFailure.of(new PSQLException("said by the driver", state)))
          .isEqualTo(AppendFailure.ANSWER_LOST);
    }
    assertThat(AppendFailure.of(new SQLException("said by the driver", "22000")))
        .isEqualTo(AppendFailure.ANSWER_LOST);
  }

  @Test
  void what_postgresql_says_is_taken_at_its_word() {
    assertThat(AppendFailure.of(saidByPostgresql("23505"))).isEqualTo(AppendFailure.ABOUT_THE_DATA);
    assertThat(AppendFailure.of(saidByPostgresql("40001"))).isEqualTo(AppendFailure.TRY_AGAIN);
    assertThat(AppendFailure.of(saidByPostgresql("53100"))).isEqualTo(AppendFailure.REFUSED);
    assertThat(AppendFailure.of(saidByPostgresql("55P03"))).isEqualTo(AppendFailure.LOCKED);
    assertThat(AppendFailure.of(saidByPostgresql("57P01"))).isEqualTo(AppendFailure.ANSWER_LOST);
  }

  private static SQLException saidByPostgresql(String sqlState) {
    return new PSQLException(
        new ServerErrorMessage("SERROR\0C" + sqlState + "\0Msaid by a server\0"));
  }
}
