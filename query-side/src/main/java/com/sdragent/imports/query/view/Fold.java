package com.sdragent.imports.query.view;

import com.sdragent.imports.events.ImportEvent;
import com.sdragent.imports.events.ImportState;
import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.web.ApiError;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.springframework.core.NestedExceptionUtils;

/** Folds recorded events: what is stored meets what this version knows. */
public final class Fold {
  private static final Pattern CLASS =
      Pattern.compile("[`'\"]?\\b(\\w+\\.){2,}[A-Z][\\w$.]*[`'\"]?");

  private Fold() {}

  /**
   * The state after one more event, for an answer: one that cannot be applied leaves it as it is,
   * as the projection does that parks it, so that it spoils nothing else of the answer.
   *
   * @throws ApiError 503, when this version does not know its type or revision: another node may
   */
  public static ImportState afterIfPossible(ImportState before, RecordedEvent event) {
    try {
      return after(before, event);
    } catch (UnknownEventException e) {
      throw ApiError.unavailable(
          "This node does not know the event at position " + event.position() + " yet, try again");
    } catch (IllegalStateException e) {
      return before;
    }
  }

  /**
   * The state after one more event.
   *
   * @throws UnknownEventException when this version does not know its type or revision
   * @throws IllegalStateException when it cannot be read or cannot follow
   */
  public static ImportState after(ImportState before, RecordedEvent event) {
    Optional<ImportEvent> known;
    ImportState after = before;
    try {
      known = event.event();
      if (known.isPresent()) {
        requireItsOwn(event, known.get());
        after = before.after(known.get());
      }
    } catch (RuntimeException e) {
      // Nothing here asks a server: whatever it is, it is the event's own and would come again.
      throw new IllegalStateException(reason(e), e);
    }
    if (known.isEmpty()) throw new UnknownEventException(event.position());
    return after;
  }

  /** Whether this version knows its type and revision; whether it can be read is another matter. */
  public static boolean isKnown(RecordedEvent event) {
    try {
      return event.event().isPresent();
    } catch (RuntimeException e) {
      return true;
    }
  }

  /** What says whose it is outside must say so inside: it would change another import. */
  private static void requireItsOwn(RecordedEvent event, ImportEvent said) {
    if (!said.importId().equals(event.importId()) || !said.orgId().equals(event.orgId())) {
      throw new IllegalStateException("It is stored as an event of another import than it says");
    }
  }

  /**
   * Why something failed, in one line that can be stored and shown: it may quote what cannot, and
   * libraries name their classes and their hosts.
   */
  public static String reason(Exception e) {
    Throwable cause = NestedExceptionUtils.getMostSpecificCause(e);
    boolean isAway =
        cause instanceof SQLException lost && String.valueOf(lost.getSQLState()).startsWith("08");
    if (isAway || cause instanceof IOException) return "The database does not answer";
    String message = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    if (cause.getMessage() == null || message.isEmpty()) return "It failed without a reason";
    return CLASS.matcher(message.replaceAll("\\p{Cntrl}", "?")).replaceAll("a value");
  }
}
