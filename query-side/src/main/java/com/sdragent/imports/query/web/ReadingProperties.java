package com.sdragent.imports.query.web;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How much may be read at the same time.
 *
 * @param listChunk how many rows a list reads at a time
 * @param longAnswers how many long answers may be under way at the same time: lists without a
 *     limit, streams, counts, and pages that need more than one look
 * @param longAnswersPerOrganization how many of them for one organization
 * @param longPolls how many GETs may wait for a status at the same time
 * @param longPollsPerOrganization how many of them for one organization
 */
@ConfigurationProperties("imports.query")
public record ReadingProperties(
    @DefaultValue("500") int listChunk,
    @DefaultValue("500") int longAnswers,
    @DefaultValue("200") int longAnswersPerOrganization,
    @DefaultValue("2000") int longPolls,
    @DefaultValue("500") int longPollsPerOrganization) {

  public ReadingProperties {
    require(listChunk > 0, "list-chunk", "must be positive: set it to a number such as 500");
    requireShares(longAnswers, longAnswersPerOrganization, "long-answers", 500);
    requireShares(longPolls, longPollsPerOrganization, "long-polls", 2000);
  }

  private static void requireShares(int atOnce, int perOrganization, String name, int example) {
    require(atOnce > 0, name, "must be positive: set it to a number such as " + example);
    require(
        perOrganization > 0 && perOrganization <= atOnce,
        name + "-per-organization",
        "must be positive and at most imports.query." + name + ", which is " + atOnce);
  }

  private static void require(boolean holds, String name, String message) {
    if (!holds) throw new IllegalArgumentException("imports.query." + name + " " + message);
  }
}
