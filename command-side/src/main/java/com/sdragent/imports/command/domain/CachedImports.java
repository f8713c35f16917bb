package com.sdragent.imports.command.domain;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.axonframework.common.caching.Cache;
import org.axonframework.eventsourcing.CachingEventSourcingRepository;
import org.axonframework.eventsourcing.EventSourcedAggregate;
import org.axonframework.eventsourcing.EventSourcingRepository;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.axonframework.messaging.annotation.MessageHandlerInvocationException;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.messaging.unitofwork.UnitOfWork;
import org.axonframework.modelling.command.ConcurrencyException;
import org.jspecify.annotations.Nullable;

/**
 * Imports as they were after their last event on this node, which may not be their last event. A
 * decision that appends events needs no more: the store refuses those that do not follow. One that
 * appends none (nothing changes, not found) is {@link #confirmed} against the store.
 *
 * <p>Whatever a command failed with, its import leaves the cache before another command sees it:
 * events that were not stored may have been applied to it.
 */
final class CachedImports extends CachingEventSourcingRepository<Import> {
  private static final String FROM_CACHE = CachedImports.class.getName();

  private final Cache cache;
  private final EventStore store;

  CachedImports(EventSourcingRepository.Builder<Import> builder, EventStore store, Cache cache) {
    super(builder.cache(cache));
    this.store = store;
    this.cache = cache;
  }

  @Override
  protected EventSourcedAggregate<Import> doLoadWithLock(
      String aggregateIdentifier, @Nullable Long expectedVersion) {
    boolean cached = cache.containsKey(aggregateIdentifier);
    EventSourcedAggregate<Import> loaded;
    try {
      loaded = super.doLoadWithLock(aggregateIdentifier, expectedVersion);
    } catch (MessageHandlerInvocationException e) {
      if (e.getCause() instanceof UnknownEventException unknown) throw unknown;
      throw e;
    }
    if (cached) {
      CurrentUnitOfWork.get()
          .resources()
          .put(FROM_CACHE, new Decision(store, loaded, loaded.version()));
    }
    return loaded;
  }

  /**
   * Decides, and confirms a decision that appends nothing if it was made on a cached import.
   *
   * @throws ConcurrencyException when the import went on elsewhere: it must be decided anew
   */
  static Object confirmed(UnitOfWork<?> work, Callable<?> decide) throws Exception {
    try {
      Object result = decide.call();
      confirm(work);
      return result;
    } catch (ImportNotFoundException e) {
      confirm(work);
      throw e;
    }
  }

  private static void confirm(UnitOfWork<?> work) {
    Decision decision = work.getResource(FROM_CACHE);
    if (decision != null) decision.confirm();
  }

  /** What was decided on a cached import that had this version before. */
  private record Decision(
      EventStore store, EventSourcedAggregate<Import> decided, @Nullable Long before) {

    void confirm() {
      if (!Objects.equals(decided.version(), before)) return;
      Long last = store.lastSequenceNumberFor(decided.identifierAsString()).orElse(null);
      if (Objects.equals(last, before)) return;
      throw new ConcurrencyException(
          "Import " + decided.identifierAsString() + " went on elsewhere");
    }
  }
}
