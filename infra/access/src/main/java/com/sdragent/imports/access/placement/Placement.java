package com.sdragent.imports.access.placement;

import com.sdragent.imports.web.ApiError;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Keeps each organization on one store: a node answers for those that are placed on its own, on a
 * database that is this very store. With one store for all, everybody is here.
 */
public final class Placement {
  private static final int ORGANIZATIONS_AT_ONCE = 1000;

  /** The first node of a store says which it is. */
  private static final String SAY =
      "insert into store_name (name) values (?) on conflict do nothing";

  /** By one look in the index for each organization, however many events it has. */
  private static final String ORGANIZATIONS =
      """
      with recursive seen (organization, number) as (
        (select organization, 1 from domain_event where organization >= ? order by organization limit 1)
        union all
        select (select organization from domain_event
                where organization > seen.organization order by organization limit 1), number + 1
        from seen where organization is not null and number < ?)
      select organization from seen where organization is not null
      """;

  private static final UUID FIRST = new UUID(0, 0);

  private final PlacementProperties properties;
  private final Map<UUID, String> placed;
  private final JdbcTemplate database;
  private volatile boolean isRightStore;

  /** Makes one for this node. */
  public Placement(PlacementProperties properties, JdbcTemplate database) {
    this.properties = properties;
    placed = properties.placed();
    this.database = database;
  }

  /** Whether this node is told which store it is on. */
  public boolean isNamed() {
    return properties.store() != null;
  }

  /** Whether another store has this organization, or none. */
  public boolean isElsewhere(UUID organization) {
    return properties.store() != null && !properties.store().equals(storeOf(organization));
  }

  /** The answer to a request of an organization that is not here: nothing was done. */
  public ApiError elsewhere(UUID organization) {
    String store = storeOf(organization);
    return ApiError.misdirected(store == null ? "" : properties.stores().getOrDefault(store, ""));
  }

  private @Nullable String storeOf(UUID organization) {
    String named = placed.get(organization);
    return named == null ? properties.others() : named;
  }

  /**
   * Makes sure, once, that the database is the store that this node is told it is on.
   *
   * @throws InvalidConfigurationPropertyValueException when it is another, or has events of an
   *     organization that is placed elsewhere
   * @throws org.springframework.dao.DataAccessException when the database does not answer
   */
  public void requireRightStore() {
    if (isRightStore) return;
    String store = properties.store();
    String name = name();
    if (name == null && store != null) {
      requireNobodyElse();
      database.update(SAY, store);
      name = name();
    } else if (name != null && name.equals(store)) {
      requireNobodyElse();
    }
    if (!Objects.equals(name, store)) {
      throw wrong(
          "the database of spring.datasource.url is the store "
              + name
              + ": correct one of the two (infra/docs/operations.md#several-stores)");
    }
    isRightStore = true;
  }

  private @Nullable String name() {
    return database.query("select name from store_name", (row, _) -> row.getString(1)).stream()
        .findFirst()
        .orElse(null);
  }

  /** Whoever was placed elsewhere would leave its past behind and begin anew there. */
  private void requireNobodyElse() {
    UUID last = FIRST;
    List<UUID> next;
    do {
      next =
          database.query(
              ORGANIZATIONS, (row, _) -> row.getObject(1, UUID.class), last, ORGANIZATIONS_AT_ONCE);
      for (UUID organization : next) {
        if (isElsewhere(organization)) {
          throw wrong(
              "its database has events of the organization %s, which is placed on %s: an organization stays where its events are, so set imports.placement.organizations.%s=%s on all nodes"
                  .formatted(
                      organization,
                      storeOf(organization) == null ? "no store" : "another store",
                      organization,
                      properties.store()));
        }
        last = organization;
      }
    } while (next.size() == ORGANIZATIONS_AT_ONCE);
  }

  private InvalidConfigurationPropertyValueException wrong(String reason) {
    return new InvalidConfigurationPropertyValueException(
        "imports.placement.store", properties.store(), reason);
  }
}
