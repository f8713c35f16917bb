package com.sdragent.imports.command.web;

import com.sdragent.imports.access.Caller;
import com.sdragent.imports.command.domain.ImportNotFoundException;
import com.sdragent.imports.command.domain.OtherVersionException;
import com.sdragent.imports.command.domain.UndecidableImportException;
import com.sdragent.imports.eventstore.append.AppendOutcomeUnknownException;
import com.sdragent.imports.eventstore.append.EventStoreUnavailableException;
import com.sdragent.imports.web.ApiError;
import com.sdragent.imports.web.RequestId;
import com.sdragent.imports.web.TraceParent;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.axonframework.commandhandling.CommandBus;
import org.axonframework.commandhandling.GenericCommandMessage;
import org.axonframework.commandhandling.callbacks.FutureCallback;
import org.axonframework.common.lock.LockAcquisitionFailedException;
import org.axonframework.messaging.MetaData;
import org.axonframework.modelling.command.AggregateNotFoundException;
import org.axonframework.modelling.command.ConcurrencyException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends commands on behalf of a caller. A conflict with another node's write is retried with the
 * import loaded again. A command that cannot be done becomes the error of the published contract.
 */
final class ImportCommands {
  private static final Logger log = LoggerFactory.getLogger(ImportCommands.class);
  private static final int LONGEST_PAUSE_MILLIS = 50;

  private final CommandBus bus;
  private final Duration limit;

  ImportCommands(CommandBus bus, Duration limit) {
    this.bus = bus;
    this.limit = limit;
  }

  /** Waits for the command's result, but no longer than conflicts may be retried. */
  <R> R send(Object command, Class<R> result, Caller caller, HttpServletRequest request) {
    var metaData =
        MetaData.from(
            Map.of(
                "actor",
                caller.actor(),
                "actor_kind",
                caller.kind().label(),
                "request_id",
                RequestId.of(request),
                "traceparent",
                TraceParent.of(request)));
    long deadline = System.nanoTime() + limit.toNanos();
    for (int attempt = 1; ; attempt++) {
      try {
        var callback = new FutureCallback<Object, R>();
        bus.dispatch(new GenericCommandMessage<>(command, metaData), callback);
        var answer = callback.getResult();
        if (answer.isExceptional()) throw answer.exceptionResult();
        return result.cast(answer.getPayload());
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
      } catch (RuntimeException e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException("A command handler failed", e);
      }
    }
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
