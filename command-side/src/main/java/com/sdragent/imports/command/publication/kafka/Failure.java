package com.sdragent.imports.command.publication.kafka;

import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApplicationRecoverableException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.InvalidTxnTimeoutException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.TransientDataAccessException;

/**
 * What Kafka or the database has refused, in a sentence of the service's own, which operators see.
 *
 * @param passes whether it may pass after a while without anybody doing anything
 */
public record Failure(String sentence, boolean passes) {

  /** The failure that an exception means. */
  public static Failure of(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      Failure known = known(cause);
      if (known != null) return known;
    }
    return thrown instanceof KafkaException
        ? new Failure("Kafka could not do what was asked", true)
        : new Failure("It failed unexpectedly: the log of this node says why", true);
  }

  private static @Nullable Failure known(Throwable cause) {
    return switch (cause) {
      case AuthenticationException _ ->
          passing("Authentication failed: Kafka does not accept the credentials of this node");
      // Whoever may not create a topic is not told which.
      case TopicAuthorizationException topics when !topics.unauthorizedTopics().isEmpty() ->
          lasting(
              "Kafka does not allow this node to use the topic "
                  + String.join(", ", topics.unauthorizedTopics())
                  + ": give it the rights to create, describe, read and write it");
      case AuthorizationException _ ->
          lasting(
              "Kafka does not allow this node to do so: give it the rights to create topics and to"
                  + " write in transactions");
      case InvalidTopicException _ ->
          lasting(
              "Kafka refuses the name of the topic: it is too long, holds other characters than"
                  + " letters, digits, ., _ and -, or differs from the name of another topic by ."
                  + " and _ only");
      case InvalidReplicationFactorException _ ->
          lasting(
              "Kafka has fewer brokers than a topic should have copies: lower"
                  + " imports.relay.replication-factor");
      case InvalidPartitionsException _ ->
          lasting("Kafka refuses so many partitions: change imports.relay.partitions");
      case PolicyViolationException _ ->
          lasting("A policy of the Kafka cluster refuses the topic: create it by hand");
      case RecordTooLargeException _ ->
          lasting(
              "Kafka refuses an event as too large: raise max.message.bytes of the topic and"
                  + " max.request.size of the producer");
      case InvalidTxnTimeoutException _ ->
          lasting(
              "Kafka refuses transactions that long: lower imports.relay.timeout or raise"
                  + " transaction.max.timeout.ms of the brokers");
      case UnsupportedVersionException _ -> lasting("The Kafka cluster is too old for this node");
      case InvalidConfigurationException _ ->
          lasting("Kafka refuses how this node is configured (spring.kafka)");
      case NotEnoughReplicasException _ ->
          passing("Kafka has too few copies in sync to acknowledge anything");
      case ApplicationRecoverableException _ ->
          passing("Another node has gone on from here, or Kafka has given up this transaction");
      case RetriableException _, TimeoutException _ -> passing("Kafka does not answer");
      case DataAccessResourceFailureException _, TransientDataAccessException _ ->
          passing("The database does not answer");
      case DataAccessException _ -> passing("The database refuses a statement of this node");
      default -> null;
    };
  }

  private static Failure passing(String sentence) {
    return new Failure(sentence, true);
  }

  private static Failure lasting(String sentence) {
    return new Failure(sentence, false);
  }
}
