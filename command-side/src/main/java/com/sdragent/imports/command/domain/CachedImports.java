package com.sdragent.imports.command.domain;

import com.sdragent.imports.eventstore.LastEvent;
import com.sdragent.imports.eventstore.PostgresEventStorageEngine;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.axonframework.common.caching.Cache;
import org.axonframework.eventsourcing.CachingEventSourcingRepository;
import org.axonframework.eventsourcing.EventSourcedAggregate;
import org.axonframework.eventsourcing.EventSourcingRepository;
import org.axonframework.messaging.annotation.MessageHandlerInvocationException;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.messaging.unitofwork.UnitOfWork;
import org.axonframework.modelling.command.ConcurrencyException;
import org.jspecify.annotations.Nullable;

/**
 * Imports as they were after their last event on this node, which may not be their last event
 * anywhere. A decision that appends events needs no more: the store refuses those that do not
 * follow. A decision that appends none (nothing changes, not found, another version than the
 * command is for) is {@link #confirmed} against the store.
 *
 * <p>Whatever makes a command fail, its import leaves the cache before another command sees it:
 * events that were not stored may have been applied to it.
 */
final class CachedImports extends CachingEventSourcingRepository<Import> {
  private static final String FROM_CACHE = CachedImports.class.getName();

  private final Cache cache;
  private final PostgresEventStorageEngine store;

  CachedImports(
      EventSourcingRepository.Builder<Import> builder,
      PostgresEventStorageEngine store,
      Cache cache) {
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
      if (e.getCause() instanceof UndecidableImportException unknown) throw unknown;
      throw e;
    }
    UUID lastEvent = loaded.invoke(Import::lastEvent);
    UnitOfWork<?> work = CurrentUnitOfWork.get();
    // The decision follows this very event: in a store that went back, the number may be another
    // event's.
    if (lastEvent != null) {
      PostgresEventStorageEngine.followed(work, UUID.fromString(aggregateIdentifier), lastEvent);
    }
    if (cached) work.resources().put(FROM_CACHE, new Decision(store, loaded, lastEvent));
    return loaded;
  }

  /**
   * Decides, and confirms a decision that appends nothing if it was made on a cached import.
   *
   * @throws ConcurrencyException when another node has changed the import: the command must be
   *     decided again
   */
  static Object confirmed(UnitOfWork<?> work, Callable<?> decide) throws Exception {
    try {
      Object result = decide.call();
      confirm(work);
      return result;
    } catch (ImportNotFoundException | OtherVersionException e) {
      confirm(work);
      throw e;
    }
  }

  private static void confirm(UnitOfWork<?> work) {
    Decision decision = work.getResource(FROM_CACHE);
    if (decision != null) decision.confirm();
  }

  /** A decision on a cached import, with the last event that the import had before it. */
  private record Decision(
      PostgresEventStorageEngine store,
      EventSourcedAggregate<Import> decided,
      @Nullable UUID before) {

    void confirm() {
      if (!Objects.equals(decided.invoke(Import::lastEvent), before)) return;
      UUID id = UUID.fromString(decided.identifierAsString());
      UUID last = store.lastEventOf(id).map(LastEvent::eventId).orElse(null);
      if (Objects.equals(last, before)) return;
      throw new ConcurrencyException("Import " + id + " went on elsewhere");
    }
  }
}
