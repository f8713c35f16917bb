package com.sdragent.imports.access.keys;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The table {@code api_key}, for whoever makes, rotates and revokes keys. */
public final class KeyTable {
  /** The most keys that an organization may have at the same time. */
  public static final int MOST_KEYS = 1000;

  /** The longest time for which a rotated key may still work. */
  public static final Duration LONGEST_OVERLAP = Duration.ofDays(7);

  private static final String ENTRY =
      """
      id, organization, name, scopes, allowed_networks::text[], created_at, expires_at, last_used_at,
      case when previous_until > now() then previous_until end
      """;

  /**
   * The own key still stands when the change is made. Whoever revokes or rotates it meanwhile comes
   * first or waits.
   */
  private static final String OWN_STANDS =
      """
       and (?::text is null or exists (
        select from api_key own
        where own.id = ? and own.secret_hash = decode(?, 'hex') and own.revoked_at is null
          and (own.expires_at is null or own.expires_at > now())
        for share of own))
      """;

  private KeyTable() {}

  /**
   * Stores a new key.
   *
   * @param own with what it is made, or null when that is no key of the database
   * @return the key without its secret, or nothing when the organization has {@link #MOST_KEYS} or
   *     the own key does not stand
   */
  public static Optional<KeyEntry> create(
      Connection connection, KeyToken token, NewKey key, @Nullable OwnKey own) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            insert into api_key (id, secret_hash, organization, name, scopes, allowed_networks, expires_at)
            select ?, ?, ?, ?, ?, ?::text[]::cidr[], ?
            where (select count(*) from api_key where organization = ? and revoked_at is null) < ?
            """
                + OWN_STANDS
                + "returning "
                + ENTRY)) {
      statement.setString(1, token.id());
      statement.setBytes(2, HexFormat.of().parseHex(token.hash()));
      statement.setObject(3, key.organization());
      statement.setString(4, key.name());
      statement.setArray(5, texts(connection, key.scopes()));
      statement.setArray(
          6, texts(connection, key.allowedNetworks().stream().map(Network::toString).toList()));
      Instant expiresAt = key.expiresAt();
      statement.setObject(7, expiresAt == null ? null : expiresAt.atOffset(ZoneOffset.UTC));
      statement.setObject(8, key.organization());
      statement.setInt(9, MOST_KEYS);
      set(statement, 10, own);
      return first(statement);
    }
  }

  /** The keys of an organization, or of all when it is null: the oldest first, without revoked. */
  public static List<KeyEntry> list(Connection connection, @Nullable UUID organization)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select "
                + ENTRY
                + " from api_key where revoked_at is null and (organization = ? or ?)"
                + " order by organization, created_at, id")) {
      statement.setObject(1, organization);
      statement.setBoolean(2, organization == null);
      return entries(statement);
    }
  }

  /** Whether the key stands, with this secret as its present one. */
  public static boolean stands(Connection connection, OwnKey own) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select 1 where true" + OWN_STANDS)) {
      set(statement, 1, own);
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  private static void set(PreparedStatement statement, int first, @Nullable OwnKey own)
      throws SQLException {
    statement.setString(first, own == null ? null : own.id());
    statement.setString(first + 1, own == null ? null : own.id());
    statement.setString(first + 2, own == null ? null : own.hash());
  }

  /** The key with this id, unless it is revoked. */
  public static Optional<KeyEntry> find(Connection connection, String id) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select " + ENTRY + " from api_key where id = ? and revoked_at is null")) {
      statement.setString(1, id);
      return first(statement);
    }
  }

  /**
   * Gives the key of the token's id this other secret.
   *
   * @param overlap how long the key before works as well
   * @param own with what it is rotated, or null when that is no key of the database
   * @return the key without its secret, or nothing when there is none, it is revoked or expired, or
   *     the own key does not stand
   */
  public static Optional<KeyEntry> rotate(
      Connection connection, KeyToken token, Duration overlap, @Nullable OwnKey own)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            update api_key set previous_hash = secret_hash, previous_until = now() + ? * interval '1 second',
              secret_hash = ?
            where id = ? and revoked_at is null and (expires_at is null or expires_at > now())
            """
                + OWN_STANDS
                + "returning "
                + ENTRY)) {
      statement.setLong(1, overlap.toSeconds());
      statement.setBytes(2, HexFormat.of().parseHex(token.hash()));
      statement.setString(3, token.id());
      set(statement, 4, own);
      return first(statement);
    }
  }

  /**
   * Revokes a key for good.
   *
   * @param own with what it is revoked, or null when that is no key of the database
   * @return the key as it was, or nothing when there is none, it was revoked before, or the own key
   *     does not stand
   */
  public static Optional<KeyEntry> revoke(Connection connection, String id, @Nullable OwnKey own)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "update api_key set revoked_at = now() where id = ? and revoked_at is null"
                + OWN_STANDS
                + "returning "
                + ENTRY)) {
      statement.setString(1, id);
      set(statement, 2, own);
      return first(statement);
    }
  }

  private static Optional<KeyEntry> first(PreparedStatement statement) throws SQLException {
    return entries(statement).stream().findFirst();
  }

  private static List<KeyEntry> entries(PreparedStatement statement) throws SQLException {
    var entries = new ArrayList<KeyEntry>();
    try (ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        entries.add(
            new KeyEntry(
                row.getString(1),
                row.getObject(2, UUID.class),
                row.getString(3),
                texts(row.getArray(4)),
                networks(row.getArray(5)),
                row.getObject(6, OffsetDateTime.class).toInstant(),
                time(row, 7),
                time(row, 8),
                time(row, 9)));
      }
    }
    return entries;
  }

  /** The networks of a column; one that cannot be read must not open the key to all. */
  public static List<Network> networks(Array array) throws SQLException {
    return texts(array).stream().map(text -> Network.parse(text).orElseThrow()).toList();
  }

  private static Array texts(Connection connection, List<String> texts) throws SQLException {
    return connection.createArrayOf("text", texts.toArray());
  }

  private static List<String> texts(Array array) throws SQLException {
    return List.of((String[]) array.getArray());
  }

  private static @Nullable Instant time(ResultSet row, int column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }
}
