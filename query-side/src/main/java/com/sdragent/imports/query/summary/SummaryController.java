package com.sdragent.imports.query.summary;

import com.sdragent.imports.access.Caller;
import com.sdragent.imports.query.imports.ImportFilter;
import com.sdragent.imports.query.summary.SummaryReads.Filter;
import com.sdragent.imports.query.summary.SummaryReads.Summary;
import com.sdragent.imports.query.web.ReadingTurns;
import com.sdragent.imports.query.web.Recipient;
import com.sdragent.imports.query.web.SharedAnswers;
import com.sdragent.imports.web.ApiError;
import com.sdragent.imports.web.RequestParameters;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The summary of an organization's imports. */
@RestController
class SummaryController {
  /** A look at few cells takes a millisecond or two; one that takes long holds up no other. */
  private static final Duration PATIENCE = Duration.ofMillis(10);

  private final Optional<SummaryReads> reads;
  private final ReadingTurns turns;
  private final SharedAnswers<Filter, Summary> shared = new SharedAnswers<>(PATIENCE);

  /**
   * @param reads empty when the summary is switched off
   */
  SummaryController(Optional<SummaryReads> reads, ReadingTurns turns) {
    this.reads = reads;
    this.turns = turns;
  }

  /** How many imports pass the filters, in groups, and what happened to such in the last days. */
  @GetMapping(
      path = {"/imports/summary", "/imports/summary/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  Summary summary(
      @AuthenticationPrincipal Caller caller,
      HttpServletRequest request,
      HttpServletResponse response) {
    SummaryReads summaries =
        reads.orElseThrow(() -> ApiError.notFound("The summary is switched off"));
    var parameters = new RequestParameters(request);
    var filter =
        new Filter(
            caller.organization(),
            ImportFilter.status(parameters),
            parameters.uuid("campaign_id"),
            ImportFilter.source(parameters));
    parameters.check();

    long lag = summaries.awaitCurrent(caller.organization());
    if (lag > 0) response.setHeader("X-Projection-Lag", Long.toString(lag));
    Recipient recipient = Recipient.of(request, caller);
    while (true) {
      try {
        return shared.answer(filter, () -> find(summaries, filter, recipient));
      } catch (ApiError e) {
        // Whoever made it for all may have gone meanwhile, or may no longer have it.
        if (e.status() != HttpStatus.UNAUTHORIZED.value() || !recipient.isThere()) throw e;
      }
    }
  }

  private Summary find(SummaryReads summaries, Filter filter, Recipient recipient) {
    // With as many campaigns as imports, one look reads as many cells as there are imports.
    try (var seat = turns.enter(recipient)) {
      return seat.take(() -> summaries.find(filter));
    }
  }
}
