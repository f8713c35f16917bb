package com.sdragent.imports.command.domain;

import com.sdragent.imports.eventstore.EventSerializer.LogicalType;
import com.sdragent.imports.eventstore.PostgresEventStorageEngine;
import com.sdragent.imports.eventstore.Timelines;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.axonframework.commandhandling.CommandBus;
import org.axonframework.commandhandling.SimpleCommandBus;
import org.axonframework.common.lock.PessimisticLockFactory;
import org.axonframework.common.transaction.NoTransactionManager;
import org.axonframework.config.AggregateConfigurer;
import org.axonframework.config.Configuration;
import org.axonframework.config.ConfigurerModule;
import org.axonframework.eventsourcing.AggregateSnapshotter;
import org.axonframework.eventsourcing.EventCountSnapshotTriggerDefinition;
import org.axonframework.eventsourcing.EventSourcingRepository;
import org.axonframework.eventsourcing.GenericAggregateFactory;
import org.axonframework.eventsourcing.Snapshotter;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.axonframework.messaging.annotation.HandlerDefinition;
import org.axonframework.messaging.annotation.ParameterResolverFactory;
import org.axonframework.messaging.correlation.CorrelationDataProvider;
import org.axonframework.messaging.correlation.SimpleCorrelationDataProvider;
import org.axonframework.messaging.interceptors.CorrelationDataInterceptor;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.modelling.command.Repository;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** Wires the aggregate to Axon. */
@org.springframework.context.annotation.Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AggregateProperties.class)
public class DomainConfiguration {
  private static final int MILLIS_PER_LOCK_ATTEMPT = 100;

  @Bean
  LogicalType importSnapshot() {
    return Import.SNAPSHOT;
  }

  /** Copies the command's caller and request to the events that it causes. */
  @Bean
  CorrelationDataProvider causeOfEvents() {
    return new SimpleCorrelationDataProvider("actor", "actor_kind", "request_id", "traceparent");
  }

  /**
   * Handles commands on the caller's thread, without a transaction: the appender owns the only one.
   */
  @Bean
  CommandBus commandBus(CorrelationDataProvider causeOfEvents) {
    SimpleCommandBus bus =
        SimpleCommandBus.builder().transactionManager(NoTransactionManager.INSTANCE).build();
    bus.registerHandlerInterceptor(new CorrelationDataInterceptor<>(causeOfEvents));
    bus.registerHandlerInterceptor(
        (_, chain) -> CachedImports.confirmed(CurrentUnitOfWork.get(), chain::proceed));
    return bus;
  }

  @Bean
  ConfigurerModule importAggregate(
      AggregateProperties properties, PostgresEventStorageEngine store, Timelines timelines) {
    var cache = new BoundedCache(properties.cacheSize());
    timelines.onChange(cache::removeAll);
    return configurer ->
        configurer.configureAggregate(
            AggregateConfigurer.defaultConfiguration(Import.class)
                .configureCommandTargetResolver(_ -> ImportCommand.TARGET)
                .configureRepository(axon -> repository(axon, properties, store, cache)));
  }

  private static Repository<Import> repository(
      Configuration axon,
      AggregateProperties properties,
      PostgresEventStorageEngine store,
      BoundedCache cache) {
    return new CachedImports(
        EventSourcingRepository.builder(Import.class)
            .eventStore(axon.eventStore())
            .parameterResolverFactory(axon.parameterResolverFactory())
            .handlerDefinition(axon.handlerDefinition(Import.class))
            .repositoryProvider(axon::repository)
            .snapshotTriggerDefinition(
                new EventCountSnapshotTriggerDefinition(
                    axon.snapshotter(), properties.eventsBetweenSnapshots()))
            .lockFactory(
                PessimisticLockFactory.builder()
                    .lockAttemptTimeout(MILLIS_PER_LOCK_ATTEMPT)
                    .acquireAttempts(
                        Math.max(
                            1,
                            Math.toIntExact(
                                properties.lockTimeout().toMillis() / MILLIS_PER_LOCK_ATTEMPT)))
                    .build()),
        store,
        cache);
  }

  /** Writes snapshots one after another, beside the commands. */
  @Bean(destroyMethod = "close")
  ExecutorService snapshotExecutor() {
    return Executors.newSingleThreadExecutor(
        Thread.ofPlatform().name("snapshots").daemon().factory());
  }

  @Bean
  Snapshotter snapshotter(
      Configuration axon,
      EventStore eventStore,
      HandlerDefinition handlerDefinition,
      ParameterResolverFactory parameterResolverFactory,
      ExecutorService snapshotExecutor) {
    return AggregateSnapshotter.builder()
        .aggregateFactories(List.of(new GenericAggregateFactory<>(Import.class)))
        .repositoryProvider(axon::repository)
        .transactionManager(NoTransactionManager.INSTANCE)
        .eventStore(eventStore)
        .handlerDefinition(handlerDefinition)
        .parameterResolverFactory(parameterResolverFactory)
        .executor(snapshotExecutor)
        .build();
  }
}
