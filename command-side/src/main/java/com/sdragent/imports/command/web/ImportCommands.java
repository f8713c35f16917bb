package com.sdragent.imports.command.web;

import com.sdragent.imports.access.Caller;
import com.sdragent.imports.command.domain.CreateImport;
import com.sdragent.imports.command.domain.DecidedImport;
import com.sdragent.imports.command.domain.DeleteImport;
import com.sdragent.imports.command.domain.ImportCommand;
import com.sdragent.imports.command.domain.ImportNotFoundException;
import com.sdragent.imports.command.domain.OtherVersionException;
import com.sdragent.imports.command.domain.UndecidableImportException;
import com.sdragent.imports.eventstore.PostgresEventStorageEngine;
import com.sdragent.imports.eventstore.append.AnsweredBeforeException;
import com.sdragent.imports.eventstore.append.AppendOutcomeUnknownException;
import com.sdragent.imports.eventstore.append.EventStoreUnavailableException;
import com.sdragent.imports.eventstore.append.KeyedRequest;
import com.sdragent.imports.eventstore.append.OtherRequestException;
import com.sdragent.imports.traces.Step;
import com.sdragent.imports.traces.Traces;
import com.sdragent.imports.web.ApiError;
import com.sdragent.imports.web.IdempotencyKey;
import com.sdragent.imports.web.RequestId;
import com.sdragent.imports.web.TraceParent;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.Supplier;
import org.axonframework.commandhandling.CommandBus;
import org.axonframework.commandhandling.CommandResultMessage;
import org.axonframework.commandhandling.GenericCommandMessage;
import org.axonframework.commandhandling.callbacks.FutureCallback;
import org.axonframework.common.lock.Lock;
import org.axonframework.common.lock.LockAcquisitionFailedException;
import org.axonframework.common.lock.LockFactory;
import org.axonframework.common.lock.PessimisticLockFactory;
import org.axonframework.messaging.MetaData;
import org.axonframework.modelling.command.AggregateNotFoundException;
import org.axonframework.modelling.command.ConcurrencyException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends commands on behalf of a caller. A conflict with another node's write is retried with the
 * import loaded again. A command that cannot be done becomes the error of the published contract.
 */
final class ImportCommands {
  private static final Logger log = LoggerFactory.getLogger(ImportCommands.class);
  private static final int LONGEST_PAUSE_MILLIS = 50;
  private static final int MILLIS_PER_LOCK_ATTEMPT = 100;

  private final CommandBus bus;
  private final PostgresEventStorageEngine store;
  private final Traces traces;
  private final Duration limit;

  /** One request at a time is done under a key; the others wait to be told what became of it. */
  private final LockFactory keysInUse;

  /**
   * @param limit for how long conflicts are retried, and a request waits for the one before it
   *     under its key
   */
  ImportCommands(CommandBus bus, PostgresEventStorageEngine store, Traces traces, Duration limit) {
    this.bus = bus;
    this.store = store;
    this.traces = traces;
    this.limit = limit;
    keysInUse =
        PessimisticLockFactory.builder()
            .lockAttemptTimeout(MILLIS_PER_LOCK_ATTEMPT)
            .acquireAttempts(
                Math.max(1, Math.toIntExact(limit.toMillis() / MILLIS_PER_LOCK_ATTEMPT)))
            .build();
  }

  /**
   * Waits for the command's result, but no longer than conflicts may be retried.
   *
   * @param answer of the result, to be kept if the request has an idempotency key
   * @throws AnsweredBeforeException when the request was answered before, under its key
   */
  DecidedImport send(
      ImportCommand command,
      Caller caller,
      HttpServletRequest request,
      Function<DecidedImport, FirstAnswer> answer) {
    Object decided =
        done(command, caller, request, result -> answer.apply((DecidedImport) required(result)));
    return (DecidedImport) required(decided);
  }

  /**
   * Waits for the import to be deleted.
   *
   * @throws AnsweredBeforeException as {@link #send(ImportCommand, Caller, HttpServletRequest,
   *     Function)}
   */
  void send(
      DeleteImport command,
      Caller caller,
      HttpServletRequest request,
      Supplier<FirstAnswer> answer) {
    var _ = done(command, caller, request, _ -> answer.get());
  }

  private @Nullable Object done(
      ImportCommand command,
      Caller caller,
      HttpServletRequest request,
      Function<@Nullable Object, FirstAnswer> answer) {
    try (Step step = traces.step(command.getClass().getSimpleName())) {
      return done(command, caller, request, step.traceParent(), answer);
    }
  }

  /**
   * @param traced the command as a step of a trace, or null when tracing is off
   */
  private @Nullable Object done(
      ImportCommand command,
      Caller caller,
      HttpServletRequest request,
      @Nullable String traced,
      Function<@Nullable Object, FirstAnswer> answer) {
    MetaData metaData =
        metaData(caller, request, traced == null ? TraceParent.of(request) : traced);
    IdempotencyKey key = IdempotencyKey.of(request, address(command));
    if (key == null) return done(command, metaData, null);
    UUID organization = caller.organization();
    try (Lock _ = use(organization + " " + key.value())) {
      var keyed =
          new KeyedRequest(
              organization, key.value(), key.digest(), result -> answer.apply(result).text());
      return done(command, metaData.and(KeyedRequest.NAME, keyed), keyed);
    }
  }

  private static Object required(@Nullable Object result) {
    return Objects.requireNonNull(result, "the command has a result");
  }

  private static String address(ImportCommand command) {
    return command instanceof CreateImport ? "/imports" : "/imports/" + command.importId();
  }

  private static MetaData metaData(Caller caller, HttpServletRequest request, String traceParent) {
    return MetaData.from(
        Map.of(
            "actor",
            caller.actor(),
            "actor_kind",
            caller.kind().label(),
            "request_id",
            RequestId.of(request),
            "traceparent",
            traceParent));
  }

  private Lock use(String key) {
    try {
      return keysInUse.obtainLock(key);
    } catch (LockAcquisitionFailedException e) {
      throw ApiError.stillBeingDone();
    }
  }

  private @Nullable Object done(
      ImportCommand command, MetaData metaData, @Nullable KeyedRequest keyed) {
    long deadline = System.nanoTime() + limit.toNanos();
    for (int attempt = 1; ; attempt++) {
      try {
        return decide(command, metaData, keyed);
      } catch (ConcurrencyException e) {
        if (System.nanoTime() > deadline) {
          throw ApiError.unavailable("The import is being changed by too many others, try again");
        }
        pause(attempt);
      } catch (ImportNotFoundException | AggregateNotFoundException e) {
        throw ApiError.notFound("Import not found");
      } catch (OtherVersionException e) {
        throw ApiError.otherVersion();
      } catch (LockAcquisitionFailedException e) {
        throw ApiError.unavailable("The import is being changed by too many others, try again");
      } catch (UndecidableImportException e) {
        log.error("A command was not decided: {}", e.getMessage());
        throw ApiError.unavailable("The service is being upgraded, try again");
      } catch (EventStoreUnavailableException e) {
        throw ApiError.unavailable("The service cannot store the change now, try again", e);
      } catch (AppendOutcomeUnknownException e) {
        throw ApiError.outcomeUnknown();
      } catch (OtherRequestException e) {
        throw ApiError.otherRequest();
      } catch (RuntimeException e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException("A command handler failed", e);
      }
    }
  }

  /** Events go to the append with the key. What is decided without any is settled here. */
  private @Nullable Object decide(
      ImportCommand command, MetaData metaData, @Nullable KeyedRequest keyed) throws Throwable {
    var callback = new FutureCallback<Object, Object>();
    bus.dispatch(new GenericCommandMessage<>(command, metaData), callback);
    CommandResultMessage<?> answer = callback.getResult();
    if (!answer.isExceptional()) {
      Object result = answer.getPayload();
      if (keyed != null && !keyed.isKept() && result instanceof DecidedImport unchanged) {
        store.keep(keyed, result, command.importId(), unchanged.last());
      }
      return result;
    }
    Throwable failure = answer.exceptionResult();
    // The first request may have left the import as it is now.
    if (keyed != null && isDecision(failure)) store.look(keyed, command.importId());
    throw failure;
  }

  private static boolean isDecision(Throwable failure) {
    return failure instanceof ImportNotFoundException
        || failure instanceof AggregateNotFoundException
        || failure instanceof OtherVersionException;
  }

  private static void pause(int attempt) {
    int longest = Math.min(LONGEST_PAUSE_MILLIS, 1 << Math.min(attempt, 6));
    try {
      Thread.sleep(ThreadLocalRandom.current().nextInt(longest + 1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ApiError.unavailable("The service is shutting down");
    }
  }
}
