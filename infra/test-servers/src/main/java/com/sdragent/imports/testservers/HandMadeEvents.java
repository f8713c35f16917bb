package com.sdragent.imports.testservers;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;

/** Lets a test store events that no service wrote, or could have written. */
public final class HandMadeEvents {
  private HandMadeEvents() {}

  /** Has this store, from now on, link events that come without a hash to the one before them. */
  public static void allowIn(TestPostgres.Database database) {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          create or replace function public.link_hand_made_event() returns trigger
          language plpgsql set search_path = pg_catalog, public, pg_temp as $$
          begin
            new.hash := domain_event_link(
              null,
              coalesce((select hash from domain_event where position = new.position - 1),
                       decode(repeat('00', 32), 'hex')),
              new.position,
              domain_event_digest(new));
            return new;
          end $$;
          create or replace trigger hand_made before insert on public.domain_event
            for each row when (new.hash is null) execute function public.link_hand_made_event();
          """);
    } catch (SQLException e) {
      throw new IllegalStateException("No events by hand", e);
    }
  }

  /** The payload of a change from {@code pending} to another status. */
  public static String statusChanged(Object importId, UUID organization, String to) {
    return """
    {"import_id": "%s", "org_id": "%s", "from": "pending", "to": "%s",
     "occurred_at": "2024-10-06T12:00:01Z"}
    """
        .formatted(importId, organization, to);
  }

  /** The payload of a change of details. */
  public static String detailsChanged(
      Object importId, UUID organization, String source, String fileName, int rows) {
    return """
    {"import_id": "%s", "org_id": "%s", "source": "%s", "source_label": null, "file_name": "%s",
     "total_rows": %s, "occurred_at": "2024-10-06T12:00:01Z"}
    """
        .formatted(importId, organization, source, fileName, rows);
  }
}
