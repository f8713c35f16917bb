package com.sdragent.imports.access.placement;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * On which of several stores organizations are. All nodes of all stores are told the same, except
 * which store is theirs.
 *
 * @param store the store of this node; without it there is one store for all organizations
 * @param others the store of all organizations that are not named; without it they are on none
 * @param organizations the stores of single organizations, by their UUIDs
 * @param stores all stores by name, with the address at which clients reach each, or with nothing
 */
@ConfigurationProperties("imports.placement")
public record PlacementProperties(
    @Nullable String store,
    @Nullable String others,
    @DefaultValue Map<String, String> organizations,
    @DefaultValue Map<String, String> stores) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9]{1,20}");
  private static final Pattern UUID_WITHOUT_DASHES = Pattern.compile("[0-9a-f]{32}");

  public PlacementProperties {
    organizations = Map.copyOf(organizations);
    stores = Map.copyOf(stores);
    if (store == null) {
      require(
          others == null && organizations.isEmpty() && stores.isEmpty(),
          "imports.placement.store is missing, but organizations are placed: set it to the name of"
              + " the store that this node is on");
    } else {
      stores.forEach(PlacementProperties::validateStore);
      requireKnown("store", store, stores);
      if (others != null) requireKnown("others", others, stores);
      for (Map.Entry<String, String> one : organizations.entrySet()) {
        String property = "organizations." + one.getKey();
        require(
            UUID_WITHOUT_DASHES.matcher(withoutDashes(one.getKey())).matches(),
            "imports.placement." + property + " does not name an organization: set it by its UUID");
        requireKnown(property, one.getValue(), stores);
      }
      require(
          organizations.keySet().stream().map(PlacementProperties::withoutDashes).distinct().count()
              == organizations.size(),
          "imports.placement.organizations has one organization twice: give it one entry");
    }
  }

  /** The stores of single organizations. */
  Map<UUID, String> placed() {
    var placed = new HashMap<UUID, String>();
    organizations.forEach(
        (id, name) -> {
          String digits = withoutDashes(id);
          placed.put(
              new UUID(
                  Long.parseUnsignedLong(digits, 0, 16, 16),
                  Long.parseUnsignedLong(digits, 16, 32, 16)),
              name);
        });
    return placed;
  }

  /** A name of an environment variable has none. */
  private static String withoutDashes(String id) {
    return id.replace("-", "").toLowerCase(Locale.ROOT);
  }

  private static void validateStore(String name, String address) {
    require(
        NAME.matcher(name).matches(),
        "imports.placement.stores." + name + " must be named by 1 to 20 small letters and digits");
    require(
        address.isEmpty() || isAddress(address),
        "imports.placement.stores."
            + name
            + " must be empty or the address of the store's API for its clients: set it to one such"
            + " as https://eu.imports.example");
  }

  private static boolean isAddress(String text) {
    try {
      var address = new URI(text);
      return ("https".equals(address.getScheme()) || "http".equals(address.getScheme()))
          && address.getHost() != null
          && address.getUserInfo() == null
          && address.getQuery() == null
          && address.getFragment() == null;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static void requireKnown(String property, String name, Map<String, String> stores) {
    require(
        stores.containsKey(name),
        "imports.placement.%s is %s, which is no store of imports.placement.stores: correct it, or set imports.placement.stores.%s"
            .formatted(property, name, NAME.matcher(name).matches() ? name : "<name>"));
  }

  private static void require(boolean holds, String message) {
    if (!holds) throw new IllegalArgumentException(message);
  }
}
