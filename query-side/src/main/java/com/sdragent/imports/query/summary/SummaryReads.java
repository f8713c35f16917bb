package com.sdragent.imports.query.summary;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.sdragent.imports.events.ImportStatus;
import com.sdragent.imports.eventstore.sessions.VisibleRows;
import com.sdragent.imports.query.projection.CurrentLists;
import com.sdragent.imports.query.projection.CurrentLists.Read;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.SqlParameterValue;

/** The summary of an organization, from the counters of whatever generation is live. */
final class SummaryReads {
  /** How many sources and campaigns are told of by themselves. */
  static final int GROUPS = 100;

  private static final String GROUPED =
      """
      with cell as materialized (select * from summary_N(?, ?, ?, ?::uuid, ?)),
      by_source as (
        select source, sum(imports) as count, sum(total_rows) as total_rows,
               row_number() over (order by sum(imports) desc, source collate "C") as place
        from cell where day is null group by source having sum(imports) > 0),
      by_campaign as (
        select campaign_id, sum(imports) as count, sum(total_rows) as total_rows,
               row_number() over (order by sum(imports) desc, campaign_id) as place
        from cell where day is null group by campaign_id having sum(imports) > 0)
      select 'status', 0, status, sum(imports), sum(total_rows), 0, 0, 0
      from cell where day is null group by status
      union all
      select 'source', least(place, ?), min(source), sum(count), sum(total_rows), 0, 0, 0
      from by_source group by 2
      union all
      select 'campaign', least(place, ?), min(campaign_id::text), sum(count), sum(total_rows), 0, 0, 0
      from by_campaign group by 2
      union all
      select 'day', 0, day::text, 0, 0, sum(created), sum(completed), sum(failed)
      from cell where day is not null group by day
      order by 1, 2
      """;

  private final VisibleRows visible;
  private final CurrentLists reads;

  SummaryReads(VisibleRows visible, CurrentLists reads) {
    this.visible = visible;
    this.reads = reads;
  }

  /** What a summary counts; null does not restrict. */
  record Filter(
      UUID organization,
      @Nullable ImportStatus status,
      @Nullable UUID campaignId,
      @Nullable String source) {}

  /** How many imports, and how many rows they have together. */
  record Figures(
      @JsonProperty("count") long count, @JsonProperty("total_rows") BigInteger totalRows) {
    static final Figures NONE = new Figures(0, BigInteger.ZERO);

    Figures plus(Figures more) {
      return new Figures(count + more.count, totalRows.add(more.totalRows));
    }
  }

  /** The imports of one source. */
  record OfSource(
      @JsonProperty("source") String source,
      @JsonProperty("count") long count,
      @JsonProperty("total_rows") BigInteger totalRows) {}

  /** The imports of one campaign, or of none. */
  record OfCampaign(
      @JsonProperty("campaign_id") @Nullable String campaignId,
      @JsonProperty("count") long count,
      @JsonProperty("total_rows") BigInteger totalRows) {}

  /** What happened on a UTC day. */
  record OfDay(
      @JsonProperty("day") String day,
      @JsonProperty("created") long created,
      @JsonProperty("completed") long completed,
      @JsonProperty("failed") long failed) {}

  /** In JSON, what the published document says. */
  record Summary(
      @JsonProperty("count") long count,
      @JsonProperty("total_rows") BigInteger totalRows,
      @JsonProperty("by_status") Map<String, Figures> byStatus,
      @JsonProperty("by_source") List<OfSource> bySource,
      @JsonProperty("other_sources") @JsonInclude(JsonInclude.Include.NON_NULL)
          @Nullable Figures otherSources,
      @JsonProperty("by_campaign") List<OfCampaign> byCampaign,
      @JsonProperty("other_campaigns") @JsonInclude(JsonInclude.Include.NON_NULL)
          @Nullable Figures otherCampaigns,
      @JsonProperty("days") List<OfDay> days) {}

  /**
   * Waits until the counters show all of the organization that was written before.
   *
   * @return how many of its events they may still miss
   */
  long awaitCurrent(UUID organization) {
    return reads.awaitCurrent(organization);
  }

  /** What is counted, by one look at the database. */
  Summary find(Filter filter) {
    LocalDate today = SummaryProjection.today();
    return reads.live(generation -> new Read<>(find(generation, filter, today), null));
  }

  private Summary find(long generation, Filter filter, LocalDate today) {
    return visible.query(
        Set.of(filter.organization()),
        GROUPED.replace("_N(", "_" + SummaryProjection.slot(generation) + "("),
        rows -> {
          var gathered = new Gathered(today);
          while (rows.next()) gathered.take(rows);
          return gathered.summary();
        },
        filter.organization(),
        text(filter.status() == null ? null : filter.status().label()),
        text(filter.source()),
        text(filter.campaignId()),
        SummaryProjection.firstDay(today),
        GROUPS + 1,
        GROUPS + 1);
  }

  private static SqlParameterValue text(@Nullable Object value) {
    return new SqlParameterValue(Types.VARCHAR, value == null ? null : value.toString());
  }

  private static final class Gathered {
    private final Map<String, Figures> byStatus = new LinkedHashMap<>();
    private final List<OfSource> bySource = new ArrayList<>();
    private @Nullable Figures otherSources;
    private final List<OfCampaign> byCampaign = new ArrayList<>();
    private @Nullable Figures otherCampaigns;
    private final Map<String, OfDay> days = new LinkedHashMap<>();

    /** Nothing of any status, nothing on any day. */
    Gathered(LocalDate today) {
      for (ImportStatus status : ImportStatus.values()) byStatus.put(status.label(), Figures.NONE);
      SummaryProjection.firstDay(today)
          .datesUntil(today.plusDays(1))
          .map(LocalDate::toString)
          .forEach(day -> days.put(day, new OfDay(day, 0, 0, 0)));
    }

    void take(ResultSet row) throws SQLException {
      boolean isOther = row.getInt(2) > GROUPS;
      String name = row.getString(3);
      BigDecimal rows = row.getBigDecimal(5);
      var figures = new Figures(row.getLong(4), rows.toBigInteger());
      switch (row.getString(1)) {
        case "status" -> byStatus.put(name, figures);
        case "source" -> {
          if (isOther) {
            otherSources = figures;
          } else {
            bySource.add(new OfSource(name, figures.count(), figures.totalRows()));
          }
        }
        case "campaign" -> {
          if (isOther) {
            otherCampaigns = figures;
          } else {
            byCampaign.add(new OfCampaign(name, figures.count(), figures.totalRows()));
          }
        }
        default -> {
          // What a node whose clock is ahead has stored for tomorrow is told of tomorrow.
          var day = new OfDay(name, row.getLong(6), row.getLong(7), row.getLong(8));
          days.replace(name, day);
        }
      }
    }

    Summary summary() {
      Figures all = byStatus.values().stream().reduce(Figures.NONE, Figures::plus);
      return new Summary(
          all.count(),
          all.totalRows(),
          byStatus,
          bySource,
          otherSources,
          byCampaign,
          otherCampaigns,
          List.copyOf(days.values()));
    }
  }
}
