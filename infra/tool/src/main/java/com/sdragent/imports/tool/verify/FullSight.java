package com.sdragent.imports.tool.verify;

import com.sdragent.imports.tool.terminal.CannotLookException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether what is read is all that there is: a view may show this tool other rows than the service,
 * and row-level security hides rows without a word.
 */
final class FullSight {
  /**
   * Requests read the read model by way of tables with a policy, of each of which one table here is
   * the only partition. The log may lie in partitions, which the service reads by way of the same
   * table. A policy that shows all rows is the word {@code true}.
   */
  private static final String TABLES =
      """
      select t.name,
             case when t.name = 'domain_event' and c.relkind = 'p'
               then exists (select from pg_partition_tree(c.oid) part join pg_class p on p.oid = part.relid
                            where p.relkind not in ('p', 'r'))
               else c.relkind <> t.kind or array (select inhrelid from pg_inherits where inhparent = c.oid)
                 <> array_remove(array[to_regclass(t.part)::oid], null) end,
             t.kind = 'r' and row_security_active(c.oid) and shows is not true,
             case when t.kind = 'r' and row_security_active(c.oid) then hides end
      from (values ('domain_event', 'r', null), ('snapshot', 'r', null), ('parked_event', 'r', null),
                   ('projection', 'r', null), ('projection_position', 'r', null),
                   ('import_row_0', 'r', null), ('visible_import_0', 'p', 'public.import_row_0'),
                   ('import_row_1', 'r', null), ('visible_import_1', 'p', 'public.import_row_1')) t (name, kind, part)
      join pg_class c on c.oid = to_regclass('public.' || t.name)
      cross join lateral (
        select bool_or(polpermissive and all_rows), min(polname::text) filter (where not polpermissive and not all_rows)
        from (select polname, polpermissive, coalesce(pg_get_expr(polqual, polrelid), '') = 'true' as all_rows
              from pg_policy
              where polrelid = c.oid and polcmd in ('r', '*')
                and exists (select from unnest(polroles) role
                            where case role when 0 then true else pg_has_role(role, 'usage') end)) p
      ) policies (shows, hides)
      where t.name = 'domain_event' or ?
      """;

  private FullSight() {}

  /**
   * What is not made as the migrations make it.
   *
   * @param derived whether what is derived from events is read as well
   * @throws CannotLookException when rows are hidden from this login
   */
  static List<Finding> look(Connection connection, boolean derived)
      throws SQLException, CannotLookException {
    var findings = new ArrayList<Finding>();
    try (PreparedStatement statement = connection.prepareStatement(TABLES)) {
      statement.setBoolean(1, derived);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          String table = row.getString(1);
          requireAllRows(table, row.getBoolean(3), row.getString(4), connection);
          if (row.getBoolean(2)) {
            findings.add(
                new Finding(
                    "schema",
                    null,
                    null,
                    "%s is not the table that the migrations made, or has others below it: what is read in its place was not looked at"
                        .formatted(table)));
          }
        }
      }
    }
    return findings;
  }

  private static void requireAllRows(
      String table, boolean isFiltered, @Nullable String policy, Connection connection)
      throws SQLException, CannotLookException {
    if (isFiltered) {
      throw new CannotLookException(
          "%1$s: its rows are hidden from --user by row-level security. As the owner: grant imports_reader to %2$s"
              .formatted(table, connection.getMetaData().getUserName()));
    }
    if (policy != null) {
      throw new CannotLookException(
          "%s: the policy %s, which no migration makes, hides rows from --user: find out who made it, and look as a superuser or the owner"
              .formatted(table, policy));
    }
  }
}
