package com.sdragent.imports.access.admin;

import com.sdragent.imports.access.Actors;
import com.sdragent.imports.access.Scope;
import com.sdragent.imports.access.keys.KeyTable;
import com.sdragent.imports.access.keys.Network;
import com.sdragent.imports.web.ApiError;
import com.sdragent.imports.web.FieldErrors;
import com.sdragent.imports.web.StrictTime;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The fields of requests about keys, with their errors. Unknown ones are refused. */
final class NewKeyFields {
  static final Duration DEFAULT_OVERLAP = Duration.ofDays(1);
  private static final int MOST_NETWORKS = 20;
  private static final String SCOPES =
      Arrays.stream(Scope.values()).map(Scope::label).collect(Collectors.joining(", "));

  private final FieldErrors errors = new FieldErrors();
  private final JsonNode body;
  private final Set<String> others;

  private NewKeyFields(JsonNode body) {
    if (!body.isObject()) throw ApiError.badRequest("The body must be a JSON object");
    this.body = body;
    others = new TreeSet<>(body.propertyNames());
  }

  /**
   * What is asked for.
   *
   * @param networks null when none are named
   */
  record Asked(
      String name,
      Set<Scope> scopes,
      @Nullable List<Network> networks,
      @Nullable Instant expiresAt) {}

  /**
   * Reads the body of a request for a new key.
   *
   * @throws ApiError 400, naming every field that is wrong
   */
  static Asked read(JsonNode body, Instant now) {
    var fields = new NewKeyFields(body);
    String name =
        fields.required("name", NewKeyFields::name, "must be 1 to 255 printable characters");
    Set<Scope> scopes =
        fields.required(
            "scopes", NewKeyFields::scopes, "must be a list of at least one of " + SCOPES);
    List<Network> networks =
        fields.value(
            "allowed_networks",
            NewKeyFields::networks,
            "must be a list of at most "
                + MOST_NETWORKS
                + " networks such as 203.0.113.0/24 or 2001:db8::/32, without bits beyond the"
                + " prefix");
    Instant expiresAt =
        fields.value(
            "expires_at",
            value -> time(value).filter(now::isBefore),
            "must be a time with an offset, in the future");
    fields.end();
    return new Asked(
        Objects.requireNonNull(name),
        Objects.requireNonNull(scopes),
        networks == null || networks.isEmpty() ? null : networks,
        expiresAt == null ? null : expiresAt.truncatedTo(ChronoUnit.MICROS));
  }

  /**
   * Reads the body of a request for a rotation, which may be absent.
   *
   * @return how long the key before works as well
   * @throws ApiError 400, naming every field that is wrong
   */
  static Duration overlap(@Nullable JsonNode body) {
    if (body == null) return DEFAULT_OVERLAP;
    var fields = new NewKeyFields(body);
    Duration overlap =
        fields.value(
            "overlap_seconds",
            NewKeyFields::overlapOf,
            "must be an integer from 0 to " + KeyTable.LONGEST_OVERLAP.toSeconds());
    fields.end();
    return overlap == null ? DEFAULT_OVERLAP : overlap;
  }

  private static Optional<String> name(JsonNode value) {
    return value.isString() && Actors.isPrintable(value.stringValue())
        ? Optional.of(value.stringValue())
        : Optional.empty();
  }

  private static Optional<Set<Scope>> scopes(JsonNode value) {
    if (!value.isArray() || value.isEmpty()) return Optional.empty();
    var scopes = new LinkedHashSet<Scope>();
    for (JsonNode one : value) {
      Optional<Scope> scope = one.isString() ? Scope.labelled(one.stringValue()) : Optional.empty();
      if (scope.isEmpty()) return Optional.empty();
      scopes.add(scope.get());
    }
    return Optional.of(scopes);
  }

  private static Optional<List<Network>> networks(JsonNode value) {
    if (!value.isArray() || value.size() > MOST_NETWORKS) return Optional.empty();
    var networks = new LinkedHashSet<Network>();
    for (JsonNode one : value) {
      Optional<Network> network =
          one.isString() ? Network.parse(one.stringValue()) : Optional.empty();
      if (network.isEmpty()) return Optional.empty();
      networks.add(network.get());
    }
    return Optional.of(List.copyOf(networks));
  }

  private static Optional<Instant> time(JsonNode value) {
    return value.isString() ? StrictTime.parse(value.stringValue()) : Optional.empty();
  }

  private static Optional<Duration> overlapOf(JsonNode value) {
    if (!value.isIntegralNumber() || !value.canConvertToLong()) return Optional.empty();
    long seconds = value.longValue();
    return seconds >= 0 && seconds <= KeyTable.LONGEST_OVERLAP.toSeconds()
        ? Optional.of(Duration.ofSeconds(seconds))
        : Optional.empty();
  }

  private <T> @Nullable T required(
      String field, Function<JsonNode, Optional<T>> read, String otherwise) {
    T value = value(field, read, otherwise);
    JsonNode sent = body.get(field);
    if (sent == null || sent.isNull()) errors.wrong(field, "field is required");
    return value;
  }

  /** Null is as good as absent. */
  private <T> @Nullable T value(
      String field, Function<JsonNode, Optional<T>> read, String otherwise) {
    others.remove(field);
    JsonNode value = body.get(field);
    if (value == null || value.isNull()) return null;
    Optional<T> found = read.apply(value);
    if (found.isEmpty()) errors.wrong(field, otherwise);
    return found.orElse(null);
  }

  /** A misspelt limit would make a key without it. */
  private void end() {
    for (String field : others) errors.wrong(field, "is not known");
    errors.check();
  }
}
