package com.sdragent.imports.command.web;

import com.sdragent.imports.command.publication.replay.ReplayRequest;
import com.sdragent.imports.events.ImportEventType;
import com.sdragent.imports.eventstore.EventLog;
import com.sdragent.imports.web.ApiError;
import com.sdragent.imports.web.FieldErrors;
import com.sdragent.imports.web.StrictTime;
import com.sdragent.imports.web.StrictUuid;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The fields of a request for a private replay, with their errors. */
final class ReplayRequestFields {
  private static final Pattern TARGET = Pattern.compile("imports\\.replay\\.[A-Za-z0-9._-]{1,200}");
  private static final String TYPES =
      Arrays.stream(ImportEventType.values())
          .map(ImportEventType::logicalName)
          .distinct()
          .collect(Collectors.joining(", "));

  private final FieldErrors errors = new FieldErrors();
  private final JsonNode body;
  private final Set<String> others;

  private ReplayRequestFields(JsonNode body) {
    this.body = body;
    others = new TreeSet<>(body.propertyNames());
  }

  /**
   * Reads the body of a request.
   *
   * @param fastest the most events a second, which is also the number when the request names none
   * @throws ApiError 400, naming every field that is wrong
   */
  static ReplayRequest read(JsonNode body, int fastest) {
    if (!body.isObject()) throw ApiError.badRequest("The body must be a JSON object");
    var fields = new ReplayRequestFields(body);
    String target =
        fields.text(
            "target", ReplayRequestFields::target, "must be imports.replay.<name>, no other topic");
    if (target == null && !body.has("target")) fields.errors.wrong("target", "field is required");
    Boolean dryRun =
        fields.value(
            "dry_run",
            value -> value.isBoolean() ? Optional.of(value.booleanValue()) : Optional.empty(),
            "must be true or false");
    Long from = fields.number("from_position", Long.MAX_VALUE);
    Long to = fields.number("to_position", Long.MAX_VALUE);
    Instant fromTime = fields.text("from_time", StrictTime::parse, "must be a time with an offset");
    Instant toTime = fields.text("to_time", StrictTime::parse, "must be a time with an offset");
    UUID orgId = fields.text("org_id", StrictUuid::parse, "must be a UUID");
    String type = fields.text("type", ReplayRequestFields::type, "must be one of " + TYPES);
    UUID importId = fields.text("import_id", StrictUuid::parse, "must be a UUID");
    Long rate = fields.number("events_per_second", fastest);
    fields.refuseOthers();
    fields.errors.check();
    return new ReplayRequest(
        Objects.requireNonNull(target),
        dryRun != null && dryRun,
        from == null ? 1 : from,
        to,
        new EventLog.Selection(orgId, type, importId, fromTime, toTime),
        rate == null ? fastest : rate.intValue());
  }

  private static Optional<String> target(String text) {
    return TARGET.matcher(text).matches() ? Optional.of(text) : Optional.empty();
  }

  private static Optional<String> type(String text) {
    return Arrays.stream(ImportEventType.values())
        .map(ImportEventType::logicalName)
        .filter(text::equals)
        .findFirst();
  }

  /** Null is as good as absent. */
  private <T> @Nullable T value(
      String name, Function<JsonNode, Optional<T>> read, String otherwise) {
    others.remove(name);
    JsonNode value = body.get(name);
    if (value == null || (value.isNull() && !name.equals("target"))) return null;
    Optional<T> found = read.apply(value);
    if (found.isEmpty()) errors.wrong(name, otherwise);
    return found.orElse(null);
  }

  private <T> @Nullable T text(String name, Function<String, Optional<T>> read, String otherwise) {
    return value(
        name,
        value -> value.isString() ? read.apply(value.stringValue()) : Optional.empty(),
        otherwise);
  }

  private @Nullable Long number(String name, long most) {
    return value(
        name,
        value ->
            value.isIntegralNumber()
                    && value.canConvertToLong()
                    && value.longValue() >= 1
                    && value.longValue() <= most
                ? Optional.of(value.longValue())
                : Optional.empty(),
        most == Long.MAX_VALUE
            ? "must be a positive integer"
            : "must be an integer from 1 to " + most);
  }

  /** Refuses unknown fields: a misspelt filter would select everything. */
  private void refuseOthers() {
    for (String name : others) errors.wrong(name, "is not known");
  }
}
