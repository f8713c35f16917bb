package com.sdragent.imports.tool.keys;

import com.sdragent.imports.access.Actors;
import com.sdragent.imports.access.Scope;
import com.sdragent.imports.access.keys.KeyEntry;
import com.sdragent.imports.access.keys.KeyTable;
import com.sdragent.imports.access.keys.KeyToken;
import com.sdragent.imports.access.keys.Network;
import com.sdragent.imports.access.keys.NewKey;
import com.sdragent.imports.access.trail.Action;
import com.sdragent.imports.access.trail.TrailOutcome;
import com.sdragent.imports.access.trail.TrailTable;
import com.sdragent.imports.tool.terminal.CannotLookException;
import com.sdragent.imports.tool.terminal.ExitCode;
import com.sdragent.imports.tool.terminal.JsonOption;
import com.sdragent.imports.tool.terminal.Printable;
import com.sdragent.imports.tool.verify.StoreOptions;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * API keys, in the database itself: the first one has to be made without any. Each change is in the
 * audit trail, with the login role as its actor, or is not done.
 */
@Command(
    name = "keys",
    description = {
      "Makes, lists, rotates and revokes API keys of organizations, in the database itself.",
      "Needs a login role that is a member of imports_appender, or the owner."
    })
public final class KeysCommand implements Runnable {
  private static final Pattern ID_FORM = Pattern.compile("[0-9A-Za-z]{12}");
  private static final String ID = "The key's id, which stands in the key between the underscores";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw wrong(spec, "Say what to do: create, list, rotate or revoke");
  }

  private static ParameterException wrong(CommandSpec spec, String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private static PrintWriter out(CommandSpec spec) {
    return spec.commandLine().getOut();
  }

  @Command(
      name = "create",
      description = "Makes a key and prints it, once: it is stored nowhere in this form.")
  int create(
      @Mixin StoreOptions store,
      @Mixin JsonOption format,
      @Option(names = "--organization", required = true, description = "A UUID") UUID organization,
      @Option(names = "--name", required = true, description = "What the history calls it")
          String name,
      @Option(
              names = "--scope",
              required = true,
              split = ",",
              description = "imports:read, imports:write, imports:audit, admin; several by commas")
          List<String> scopes,
      @Option(
              names = "--network",
              split = ",",
              description = "Where it may be used from, such as 203.0.113.0/24; everywhere without")
          @Nullable List<String> networks,
      @Option(
              names = "--expires-at",
              description = "Until when it works, such as 2030-01-31T12:00Z")
          @Nullable OffsetDateTime expiresAt,
      @Option(
              names = "--environment",
              defaultValue = "live",
              description = "What the key says of where it belongs. Default: ${DEFAULT-VALUE}")
          String environment)
      throws SQLException, CannotLookException {
    if (!Actors.isPrintable(name))
      throw wrong(spec, "--name must be 1 to 255 printable characters");
    if (!KeyToken.isEnvironment(environment)) {
      throw wrong(spec, "--environment must be 1 to 20 small letters and digits");
    }
    if (expiresAt != null && !expiresAt.toInstant().isAfter(Instant.now())) {
      throw wrong(spec, "--expires-at must be in the future");
    }
    var key =
        new NewKey(
            organization,
            name,
            scopes.stream().map(this::scope).distinct().toList(),
            networks == null ? List.of() : networks.stream().map(this::network).toList(),
            expiresAt == null ? null : expiresAt.toInstant());
    KeyToken token = KeyToken.create(environment);
    try (Connection connection = store.connectToWrite()) {
      Optional<KeyEntry> made =
          noted(
              connection,
              organization,
              Action.KEY_CREATE,
              token.id(),
              () -> KeyTable.create(connection, token, key, null));
      if (made.isEmpty()) {
        throw new CannotLookException(
            "The organization has "
                + KeyTable.MOST_KEYS
                + " keys, which is the most: revoke one that nobody uses ('keys list')");
      }
      if (format.isChosen()) print(json(made.get()).put("key", token.secretText()));
      else out(spec).println(token.secretText());
    }
    return ExitCode.ALL_IS_WELL;
  }

  @Command(name = "list", description = "Lists the keys that are not revoked, without the secrets.")
  int list(
      @Mixin StoreOptions store,
      @Mixin JsonOption format,
      @Option(names = "--organization", description = "Only those of this one; a UUID")
          @Nullable UUID organization)
      throws SQLException {
    try (Connection connection = store.connectToRead()) {
      List<KeyEntry> keys = KeyTable.list(connection, organization);
      if (format.isChosen()) {
        print(JsonMapper.shared().createArrayNode().addAll(keys.stream().map(this::json).toList()));
        return ExitCode.ALL_IS_WELL;
      }
      for (KeyEntry key : keys) {
        out(spec)
            .printf(
                Locale.ROOT,
                "%s  of %s  %s  %s%s  made %s%s%s%n",
                key.id(),
                key.organization(),
                Printable.printable(key.name()),
                String.join(",", key.scopes()),
                key.allowedNetworks().isEmpty()
                    ? ""
                    : "  from "
                        + key.allowedNetworks().stream()
                            .map(Network::toString)
                            .collect(Collectors.joining(",")),
                key.createdAt(),
                key.expiresAt() == null ? "" : "  expires " + key.expiresAt(),
                key.lastUsedAt() == null ? "  never used" : "  last used " + key.lastUsedAt());
      }
    }
    return ExitCode.ALL_IS_WELL;
  }

  @Command(
      name = "rotate",
      description = "Gives a key another secret and prints it, once. The key before works as well.")
  int rotate(
      @Mixin StoreOptions store,
      @Mixin JsonOption format,
      @Parameters(paramLabel = "ID", description = ID) String id,
      @Option(
              names = "--overlap-seconds",
              defaultValue = "86400",
              description = "How long the key before still works. Default: a day; at most a week")
          long overlap,
      @Option(
              names = "--environment",
              defaultValue = "live",
              description = "What the key says of where it belongs. Default: ${DEFAULT-VALUE}")
          String environment)
      throws SQLException, CannotLookException {
    requireId(id);
    if (overlap < 0 || overlap > KeyTable.LONGEST_OVERLAP.toSeconds()) {
      throw wrong(
          spec, "--overlap-seconds must be from 0 to " + KeyTable.LONGEST_OVERLAP.toSeconds());
    }
    if (!KeyToken.isEnvironment(environment)) {
      throw wrong(spec, "--environment must be 1 to 20 small letters and digits");
    }
    try (Connection connection = store.connectToWrite()) {
      KeyEntry key = find(connection, id);
      KeyToken token = KeyToken.rotate(environment, key.id());
      Optional<KeyEntry> rotated =
          noted(
              connection,
              key.organization(),
              Action.KEY_ROTATE,
              key.id(),
              () -> KeyTable.rotate(connection, token, Duration.ofSeconds(overlap), null));
      if (rotated.isEmpty()) throw notFound();
      if (format.isChosen()) print(json(rotated.get()).put("key", token.secretText()));
      else out(spec).println(token.secretText());
    }
    return ExitCode.ALL_IS_WELL;
  }

  @Command(name = "revoke", description = "Ends a key for good, on every node within 5 seconds.")
  int revoke(
      @Mixin StoreOptions store,
      @Mixin JsonOption format,
      @Parameters(paramLabel = "ID", description = ID) String id)
      throws SQLException, CannotLookException {
    requireId(id);
    try (Connection connection = store.connectToWrite()) {
      KeyEntry key = find(connection, id);
      Optional<KeyEntry> revoked =
          noted(
              connection,
              key.organization(),
              Action.KEY_REVOKE,
              key.id(),
              () -> KeyTable.revoke(connection, key.id(), null));
      if (revoked.isEmpty()) throw notFound();
      if (format.isChosen()) print(json(key).put("revoked", true));
      else out(spec).println("Revoked " + key.id() + " " + Printable.printable(key.name()));
    }
    return ExitCode.ALL_IS_WELL;
  }

  /** A change of keys. */
  @FunctionalInterface
  private interface Change {
    Optional<KeyEntry> make() throws SQLException;
  }

  /** Makes the change and notes it, both or neither. */
  private static Optional<KeyEntry> noted(
      Connection connection, UUID organization, Action action, String target, Change change)
      throws SQLException, CannotLookException {
    connection.setAutoCommit(false);
    var actor =
        new TrailTable.Actor(
            organization, connection.getMetaData().getUserName(), "login", null, null);
    long entry = TrailTable.begin(connection, actor, action, target);
    Optional<KeyEntry> changed = change.make();
    TrailOutcome outcome = changed.isPresent() ? TrailOutcome.DONE : TrailOutcome.REFUSED;
    TrailTable.end(connection, entry, outcome, null);
    try {
      connection.commit();
    } catch (SQLException e) {
      throw new CannotLookException(
          "The database did not say whether the key %s was changed: %s. Look with 'keys list', and rotate or revoke it if it was"
              .formatted(target, e.getMessage()),
          e);
    }
    return changed;
  }

  private void print(JsonNode json) {
    out(spec).println(json);
    out(spec).flush();
  }

  /** As {@code GET /api-keys} shows it. */
  private ObjectNode json(KeyEntry key) {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    json.put("id", key.id())
        .put("organization", key.organization().toString())
        .put("name", key.name());
    ArrayNode scopes = json.putArray("scopes");
    key.scopes().forEach(scopes::add);
    ArrayNode networks = json.putArray("allowed_networks");
    key.allowedNetworks().forEach(network -> networks.add(network.toString()));
    return json.put("created_at", key.createdAt().toString())
        .put("expires_at", text(key.expiresAt()))
        .put("last_used_at", text(key.lastUsedAt()))
        .put("previous_expires_at", text(key.previousExpiresAt()));
  }

  private static @Nullable String text(@Nullable Instant time) {
    return time == null ? null : time.toString();
  }

  /** The text is not repeated: it may be a whole key. */
  private void requireId(String id) {
    if (!ID_FORM.matcher(id).matches()) {
      throw wrong(
          spec,
          "ID is no key's id: give the 12 letters and digits between the last two underscores of"
              + " the key, as 'keys list' shows them, and never the key itself");
    }
  }

  private static KeyEntry find(Connection connection, String id)
      throws SQLException, CannotLookException {
    return KeyTable.find(connection, id).orElseThrow(KeysCommand::notFound);
  }

  private static CannotLookException notFound() {
    return new CannotLookException(
        "There is no key with this id, or it is revoked: 'keys list' shows those that work");
  }

  private String scope(String label) {
    return Scope.labelled(label)
        .filter(scope -> scope != Scope.OPERATOR)
        .map(Scope::label)
        .orElseThrow(
            () ->
                wrong(
                    spec,
                    "--scope must be imports:read, imports:write, imports:audit or admin; operator"
                        + " is given by configuration only"));
  }

  private Network network(String text) {
    return Network.parse(text)
        .orElseThrow(() -> wrong(spec, "--network must be one such as 203.0.113.0/24"));
  }
}
