package com.sdragent.imports.query.reads;

import com.sdragent.imports.eventstore.sessions.CannotStartException;
import com.sdragent.imports.eventstore.sessions.DedicatedConnections;
import com.sdragent.imports.eventstore.sessions.VisibleRows;
import com.sdragent.imports.web.ApiError;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/**
 * What the role that reads for requests must be: one that sees rows if it names their organization.
 */
final class ReadsRole {
  private static final Logger log = LoggerFactory.getLogger(ReadsRole.class);
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(2);
  private static final String RAISED = "P0001";
  private static final String NOT_LET_IN = "28";

  /** More often than the driver takes to prepare a statement. */
  private static final int OFTEN = 10;

  private static final String NAMED =
      "select coalesce(current_setting('imports.organizations', true), '') where ? = 'asked'";

  /**
   * Fails unless the role may read and policies hide rows from it, on whatever server a session of
   * it is opened. Where the tables are not there yet, there is nothing to see.
   */
  static final String REQUIRE =
      """
      do $require$
      declare
        apart constant text := ', so row-level security would not keep organizations apart';
        wrong text := (
          select case
            when rolsuper or rolbypassrls then 'has the attribute SUPERUSER or BYPASSRLS' || apart
            else coalesce(
              (select 'is a member of ' || other.rolname || apart from pg_catalog.pg_roles other
               where other.rolname in ('imports_appender', 'imports_projector', 'imports_reader')
                 and pg_catalog.pg_has_role(reads.oid, other.oid, 'member')
               order by other.rolname limit 1),
              (select 'sees all of ' || polrelid::pg_catalog.regclass || apart from pg_catalog.pg_policy
               where polname = 'visible_organizations'
                 and not pg_catalog.row_security_active(polrelid)
               order by polrelid limit 1),
              (select 'is no member of imports_viewer, so it may not read' from pg_catalog.pg_roles viewer
               where viewer.rolname = 'imports_viewer'
                 and not pg_catalog.pg_has_role(reads.oid, viewer.oid, 'usage')))
            end
          from pg_catalog.pg_roles reads where rolname = current_user);
      begin
        if wrong is not null then
          raise exception 'imports.query.reads.username names the role %, which %. Name a login role that is a member of imports_viewer and of no other role of the service, and owns none of its tables (infra/docs/operations.md#who-may-do-what)', current_user, wrong;
        end if;
      end $require$\
      """;

  private ReadsRole() {}

  /**
   * Looks whether the role is the right one, unless PostgreSQL does not let it in yet: each session
   * of the pool is asked again.
   *
   * @return whether PostgreSQL let it in
   * @throws CannotStartException when it is not
   */
  static boolean require(DedicatedConnections connections) {
    try (Connection connection = connections.open("imports start", ANSWER_WITHIN);
        Statement statement = connection.createStatement()) {
      statement.execute(REQUIRE);
      return true;
    } catch (SQLException e) {
      if (RAISED.equals(e.getSQLState())) throw new WrongRole(String.valueOf(e.getMessage()));
      if (String.valueOf(e.getSQLState()).startsWith(NOT_LET_IN)) {
        log.warn(
            "PostgreSQL does not let in the role that imports.query.reads.username names, so this"
                + " node is not ready: {}",
            e.getMessage());
      } else {
        log.debug("PostgreSQL is away", e);
      }
      return false;
    }
  }

  /**
   * Fails unless the organization that a statement names is there when it runs, however often it is
   * sent. Opens the pool.
   *
   * @throws CannotStartException when it is not, so that all GETs would find nothing
   */
  static void requireNames(VisibleRows reads) {
    UUID organization = UUID.randomUUID();
    try {
      for (int i = 0; i < OFTEN; i++) {
        List<String> named =
            reads.query(organization, NAMED, (row, _) -> row.getString(1), "asked");
        if (!named.equals(List.of("{" + organization + "}"))) throw new NothingNamed();
      }
    } catch (DataAccessException | ApiError e) {
      log.debug("PostgreSQL went away", e);
    }
  }

  private static final class NothingNamed extends CannotStartException {
    private static final long serialVersionUID = 1L;

    NothingNamed() {
      super(
          "The organization that a statement of a GET names is not there when it runs, so it would"
              + " find nothing: take stringtype and preferQueryMode out of spring.datasource.url,"
              + " and let no pooler share sessions (infra/docs/operations.md#who-may-do-what)");
    }
  }

  private static final class WrongRole extends CannotStartException {
    private static final long serialVersionUID = 1L;

    WrongRole(String message) {
      super(message.replaceFirst("^ERROR: ", "").lines().findFirst().orElse(message));
    }
  }
}
