package com.sdragent.imports.query.view;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the read model is kept and read.
 *
 * @param maxWait how long a GET waits for the projection to reach what was written before it
 * @param lookAgain how long a projector or a waiting GET rests at most when nothing wakes it
 * @param batchSize the most events that the projection applies in one transaction
 * @param listChunk how many rows a list reads at a time
 * @param longAnswers how many lists without limit and streamed feeds may be open at the same time
 */
@ConfigurationProperties("imports.query")
record ViewProperties(
    @DefaultValue("1s") Duration maxWait,
    @DefaultValue("100ms") Duration lookAgain,
    @DefaultValue("2000") int batchSize,
    @DefaultValue("500") int listChunk,
    @DefaultValue("500") int longAnswers) {

  ViewProperties {
    require(
        !maxWait.isNegative(), "max-wait", "must not be negative: set it to a duration such as 1s");
    require(
        lookAgain.isPositive(),
        "look-again",
        "must be positive: set it to a duration such as 100ms");
    require(batchSize > 0, "batch-size", "must be positive: set it to a number such as 2000");
    require(listChunk > 0, "list-chunk", "must be positive: set it to a number such as 500");
    require(longAnswers > 0, "long-answers", "must be positive: set it to a number such as 500");
  }

  private static void require(boolean holds, String name, String message) {
    if (!holds) throw new IllegalArgumentException("imports.query." + name + " " + message);
  }
}
