package com.sdragent.imports.query.projection.rebuild;

import com.sdragent.imports.eventstore.RecordedEvent;
import com.sdragent.imports.query.projection.ProjectionStoppedException;
import com.sdragent.imports.query.projection.RecordedEvents;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The outcome of a step of a rebuild. */
sealed interface Outcome {

  /**
   * The step is done.
   *
   * @param changes the changes to the rebuild's row, in SQL
   * @param values the values of their placeholders
   */
  record Done(String changes, List<@Nullable Object> values) implements Outcome {}

  /** The step met something that no repetition mends. Nothing of the step may remain. */
  record Impossible(String reason) implements Outcome {}

  static Outcome done(String changes, @Nullable Object... values) {
    return new Done(changes, new ArrayList<@Nullable Object>(Arrays.asList(values)));
  }

  /**
   * The outcome when the rebuild cannot go on because this version does not know one of these
   * events.
   */
  static Optional<Outcome> unlessKnown(List<RecordedEvent> events) {
    return events.stream()
        .filter(event -> !RecordedEvents.isKnown(event))
        .findFirst()
        .<Outcome>map(event -> new Impossible(ProjectionStoppedException.whyUnknown(event)));
  }
}
