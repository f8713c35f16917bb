package com.sdragent.imports.access.admin;

import com.sdragent.imports.access.Caller;
import com.sdragent.imports.access.trail.Action;
import com.sdragent.imports.web.LinkedPage;
import com.sdragent.imports.web.RequestParameters;
import com.sdragent.imports.web.StrictText;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.UriUtils;

/** Shows who did what, the latest first, on every node. */
@RestController
class TrailController {
  private static final int USUAL_PAGE = 100;
  private static final Set<String> FILTERS =
      Set.of("org_id", "action", "actor", "actor_kind", "target", "outcome", "after", "before");

  private static final Set<String> KINDS = Set.of("key", "token", "login");
  private static final Set<String> OUTCOMES = Set.of("done", "refused", "failed", "unknown");

  private final JdbcTemplate jdbc;

  TrailController(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** What was done with credentials of the organization. */
  @GetMapping(
      path = {"/audit", "/audit/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<List<TrailEntry>> own(
      @AuthenticationPrincipal Caller caller, HttpServletRequest request) {
    return page(new RequestParameters(request), caller.organization(), request);
  }

  /** What was done by anybody. */
  @GetMapping(
      path = {"/admin/audit", "/admin/audit/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<List<TrailEntry>> all(HttpServletRequest request) {
    var parameters = new RequestParameters(request);
    return page(parameters, parameters.uuid("org_id"), request);
  }

  private ResponseEntity<List<TrailEntry>> page(
      RequestParameters parameters, @Nullable UUID organization, HttpServletRequest request) {
    String action =
        parameters.value(
            "action",
            text -> Action.labelled(text).map(Action::label),
            "must be one of " + Action.ALL);
    String actor = parameters.value("actor", TrailController::text, "must be a text");
    String kind = parameters.value("actor_kind", in(KINDS), "must be one of key, token, login");
    String target = parameters.value("target", TrailController::text, "must be a text");
    String outcome =
        parameters.value("outcome", in(OUTCOMES), "must be one of done, refused, failed, unknown");
    Instant after = parameters.time("after");
    Instant before = parameters.time("before");
    Integer limit = parameters.limit();
    Long cursor = parameters.numberedCursor();
    parameters.check();
    var filter = new Filter();
    filter.add("e.organization = ?", organization);
    filter.add("e.action = ?", action);
    filter.add("e.actor = ?", actor);
    filter.add("e.actor_kind = ?", kind);
    filter.add("e.target = ?", target);
    filter.add("coalesce(o.outcome, 'unknown') = ?", outcome);
    // Those are whole microseconds. The driver would round a finer time either up or down.
    filter.add("e.occurred_at > ?", after == null ? null : micros(after));
    filter.add("e.occurred_at < ?", before == null ? null : micros(before.plusNanos(999)));
    filter.add("e.id < ?", cursor);
    int size = limit == null ? USUAL_PAGE : limit;
    return LinkedPage.answer(
        entries(filter, size + 1), size, request, last -> next(request, size, last));
  }

  /** The last microsecond that is not after this time. */
  private static OffsetDateTime micros(Instant time) {
    return time.truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
  }

  private static Optional<String> text(String text) {
    return StrictText.isStorable(text) ? Optional.of(text) : Optional.empty();
  }

  private static Function<String, Optional<String>> in(Set<String> names) {
    return text -> names.contains(text) ? Optional.of(text) : Optional.empty();
  }

  /** The same filters, and where the next page begins. */
  private static String next(HttpServletRequest request, int size, TrailEntry last) {
    var next = new StringBuilder();
    request
        .getParameterMap()
        .forEach(
            (name, values) -> {
              // What is no filter could make the header larger than a header may be.
              if (FILTERS.contains(name)) {
                next.append(name).append('=').append(encoded(values[0])).append('&');
              }
            });
    return next.append("limit=").append(size).append("&cursor=").append(last.id()).toString();
  }

  private static String encoded(String text) {
    return UriUtils.encode(text, StandardCharsets.UTF_8);
  }

  private List<TrailEntry> entries(Filter filter, int most) {
    filter.values.add(most);
    return jdbc.query(
        """
        select e.id, e.occurred_at, e.organization, e.actor, e.actor_kind, e.key_id, e.request_id,
               e.action, e.target, coalesce(o.outcome, 'unknown'), o.reason
        from audit_entry e left join audit_outcome o on o.entry_id = e.id
        where %s order by e.id desc limit ?
        """
            .formatted(String.join(" and ", filter.conditions)),
        (row, _) -> entry(row),
        filter.values.toArray());
  }

  private static TrailEntry entry(ResultSet row) throws SQLException {
    return new TrailEntry(
        row.getLong(1),
        row.getObject(2, OffsetDateTime.class).toInstant(),
        row.getObject(3, UUID.class),
        row.getString(4),
        row.getString(5),
        row.getString(6),
        row.getString(7),
        row.getString(8),
        row.getString(9),
        row.getString(10),
        row.getString(11));
  }

  /** The conditions that were asked for, and their values. */
  private static final class Filter {
    final List<String> conditions = new ArrayList<>(List.of("true"));
    final List<Object> values = new ArrayList<>();

    void add(String condition, @Nullable Object value) {
      if (value == null) return;
      conditions.add(condition);
      values.add(value);
    }
  }
}
