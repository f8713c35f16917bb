package com.sdragent.imports.eventstore.sessions;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.springframework.jdbc.core.ArgumentPreparedStatementSetter;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.PreparedStatementCallback;
import org.springframework.jdbc.core.ResultSetExtractor;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.RowMapperResultSetExtractor;

/**
 * Reads for requests. Each statement names the organizations that it is for, and for a role that is
 * a member of {@code imports_viewer} PostgreSQL has no row of any other. The names travel with the
 * statement, in one round trip, and hold for its transaction only.
 *
 * <p>Every value has a type that the driver knows, a missing one as well: it would ask PostgreSQL
 * for the types of others, and from then on send the names in a transaction of their own, so that
 * the statement would find nothing.
 */
public final class VisibleRows {
  private static final String NAMED = "select set_config('imports.organizations', ?, true); ";

  private final JdbcTemplate jdbc;

  /**
   * @param dataSource sessions of such a role, which commit each statement by itself
   */
  public VisibleRows(DataSource dataSource) {
    jdbc = new JdbcTemplate(dataSource);
  }

  /** What one statement finds of an organization. */
  public <T> List<T> query(UUID organization, String sql, RowMapper<T> row, Object... values) {
    return query(Set.of(organization), sql, new RowMapperResultSetExtractor<>(row), values);
  }

  /** What one statement finds of organizations. */
  public <T> T query(
      Set<UUID> organizations, String sql, ResultSetExtractor<T> rows, Object... values) {
    Object[] all = new Object[values.length + 1];
    all[0] = organizations.stream().map(UUID::toString).collect(Collectors.joining(",", "{", "}"));
    for (int i = 0; i < values.length; i++) {
      all[i + 1] =
          Objects.requireNonNull(values[i], "A missing value needs a type: see SqlParameterValue");
    }
    return Objects.requireNonNull(
        jdbc.execute(
            NAMED + sql,
            (PreparedStatementCallback<T>)
                statement -> {
                  new ArgumentPreparedStatementSetter(all).setValues(statement);
                  return found(statement, rows);
                }));
  }

  /** The statement's own result comes after that of the setting. */
  private static <T> T found(PreparedStatement statement, ResultSetExtractor<T> rows)
      throws SQLException {
    statement.execute();
    statement.getMoreResults();
    return Objects.requireNonNull(rows.extractData(statement.getResultSet()));
  }
}
