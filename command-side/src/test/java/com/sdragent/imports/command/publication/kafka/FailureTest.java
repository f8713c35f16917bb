package com.sdragent.imports.command.publication.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.BadSqlGrammarException;

/** Operators are told what is wrong in sentences of our own. */
class FailureTest {
  private static final String CLASS_NAME = "(?s).*(Exception|Error\\b|org\\.|java\\.|com\\.).*";

  @Test
  void whatever_kafka_can_say_becomes_a_sentence_without_a_class_name() {
    List<ApiException> all =
        Arrays.stream(Errors.values()).map(Errors::exception).filter(Objects::nonNull).toList();
    assertThat(all).hasSizeGreaterThan(100);
    for (ApiException said : all) {
      for (Exception thrown :
          List.of(said, new ExecutionException(said), new KafkaException("wrapped", said))) {
        Failure failure = Failure.of(thrown);
        assertThat(failure.sentence()).matches("[A-Z][^\n]{10,}").doesNotMatch(CLASS_NAME);
        if (said instanceof RetriableException) assertThat(failure.passes()).isTrue();
      }
    }
  }

  @Test
  void what_does_not_become_better_by_waiting_is_told_apart_from_what_does() {
    for (Exception lasting :
        List.of(
            new InvalidTopicException("it collides"),
            new TopicAuthorizationException(Set.of("a", "b")),
            new ClusterAuthorizationException("no"),
            new TransactionalIdAuthorizationException("no"),
            new InvalidReplicationFactorException("5"),
            new InvalidPartitionsException("0"),
            new PolicyViolationException("no"),
            new RecordTooLargeException("large"))) {
      assertThat(Failure.of(new ExecutionException(lasting)).passes()).as("%s", lasting).isFalse();
    }
    for (Exception passing :
        List.of(
            new TimeoutException(),
            new KafkaException("somehow"),
            new DataAccessResourceFailureException("away"),
            new CannotAcquireLockException("locked"),
            new BadSqlGrammarException("t", "select", new java.sql.SQLException("s")))) {
      Failure failure = Failure.of(passing);
      assertThat(failure.passes()).as("%s", passing).isTrue();
      assertThat(failure.sentence()).doesNotMatch(CLASS_NAME);
    }
    assertThat(Failure.of(new OutOfMemoryError("com.sdragent.Secret")).sentence())
        .doesNotMatch(CLASS_NAME);
  }
}
