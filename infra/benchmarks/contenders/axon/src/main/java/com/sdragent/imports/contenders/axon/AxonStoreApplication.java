package com.sdragent.imports.contenders.axon;

import org.axonframework.common.jdbc.PersistenceExceptionResolver;
import org.axonframework.common.jpa.EntityManagerProvider;
import org.axonframework.common.transaction.TransactionManager;
import org.axonframework.eventhandling.tokenstore.TokenStore;
import org.axonframework.eventhandling.tokenstore.jpa.JpaTokenStore;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.axonframework.eventsourcing.eventstore.jpa.JpaEventStorageEngine;
import org.axonframework.eventsourcing.eventstore.jpa.SQLErrorCodesResolver;
import org.axonframework.serialization.Serializer;
import org.axonframework.serialization.jackson3.Jackson3Serializer;
import org.axonframework.spring.messaging.unitofwork.SpringTransactionManager;
import org.axonframework.springboot.util.jpa.ContainerManagedEntityManagerProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.context.annotation.Bean;
import org.springframework.transaction.PlatformTransactionManager;
import tools.jackson.databind.jsontype.BasicPolymorphicTypeValidator;

/**
 * Axon as its guide sets it up on JPA. The beans are those that its starter makes by itself on
 * Spring Boot 3.
 */
@SpringBootApplication
@EntityScan(
    basePackages = {
      "com.sdragent.imports.contenders.axon",
      "org.axonframework.eventhandling.tokenstore.jpa",
      "org.axonframework.eventsourcing.eventstore.jpa"
    })
public class AxonStoreApplication {
  public static void main(String[] args) {
    SpringApplication.run(AxonStoreApplication.class, args);
  }

  @Bean
  EntityManagerProvider entityManagerProvider() {
    return new ContainerManagedEntityManagerProvider();
  }

  @Bean
  TransactionManager axonTransactionManager(PlatformTransactionManager transactions) {
    return new SpringTransactionManager(transactions);
  }

  @Bean
  PersistenceExceptionResolver persistenceExceptionResolver(javax.sql.DataSource database)
      throws java.sql.SQLException {
    return new SQLErrorCodesResolver(database);
  }

  @Bean
  EventStorageEngine eventStorageEngine(
      @Qualifier("eventSerializer") Serializer eventSerializer,
      Serializer snapshotSerializer,
      PersistenceExceptionResolver exceptions,
      EntityManagerProvider entityManager,
      TransactionManager transactions) {
    return JpaEventStorageEngine.builder()
        .eventSerializer(eventSerializer)
        .snapshotSerializer(snapshotSerializer)
        .persistenceExceptionResolver(exceptions)
        .entityManagerProvider(entityManager)
        .transactionManager(transactions)
        .build();
  }

  @Bean
  EventStore eventStore(EventStorageEngine engine) {
    return EmbeddedEventStore.builder().storageEngine(engine).build();
  }

  @Bean
  TokenStore tokenStore(EntityManagerProvider entityManager) {
    // Jackson 3 reads no class that a document names unless it is told which are allowed.
    var allowed = BasicPolymorphicTypeValidator.builder().allowIfSubType("org.axonframework.");
    return JpaTokenStore.builder()
        .entityManagerProvider(entityManager)
        .serializer(
            Jackson3Serializer.builder()
                .jsonMapperBuilderCustomizer(json -> json.polymorphicTypeValidator(allowed.build()))
                .build())
        .build();
  }
}
