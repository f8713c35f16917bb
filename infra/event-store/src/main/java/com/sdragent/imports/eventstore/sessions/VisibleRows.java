package com.sdragent.imports.eventstore.sessions;

import com.sdragent.imports.eventstore.sessions.Replica.Moment;
import com.sdragent.imports.eventstore.sessions.Replica.Seen;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
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
  private static final String NAMED = "select set_config('imports.organizations', ?, true)";
  private static final String NAMED_IF_REACHED = NAMED + ", " + Replica.OBSTACLE;

  private final JdbcTemplate jdbc;
  private final @Nullable Replica replica;

  /**
   * Reads of the primary.
   *
   * @param dataSource sessions of such a role, which commit each statement by itself
   */
  public VisibleRows(DataSource dataSource) {
    this(dataSource, null);
  }

  /**
   * Reads of a replica, each of which sees what was answered before it was asked for.
   *
   * @param dataSource such sessions on the replica
   */
  public VisibleRows(DataSource dataSource, @Nullable Replica replica) {
    jdbc = new JdbcTemplate(dataSource);
    this.replica = replica;
  }

  /** Whether they are of a replica. */
  public boolean areReplicated() {
    return replica != null;
  }

  /**
   * Has all that is committed by now seen by later statements, even what is not on the primary's
   * disk yet.
   */
  public void catchUp() {
    if (replica != null) replica.flush();
  }

  /** What one statement finds of an organization. */
  public <T> List<T> query(UUID organization, String sql, RowMapper<T> row, Object... values) {
    return query(Set.of(organization), sql, new RowMapperResultSetExtractor<>(row), values);
  }

  /** What one statement finds of organizations. */
  public <T> T query(
      Set<UUID> organizations, String sql, ResultSetExtractor<T> rows, Object... values) {
    for (Object value : values) {
      Objects.requireNonNull(value, "A missing value needs a type: see SqlParameterValue");
    }
    String named =
        organizations.stream().map(UUID::toString).collect(Collectors.joining(",", "{", "}"));
    if (replica == null) {
      String whole = NAMED + "; " + sql;
      return run(whole, with(named, null, values), statement -> found(statement, rows));
    }
    String whole = NAMED_IF_REACHED + "; " + sql;
    return replica.see(
        moment ->
            run(whole, with(named, moment, values), statement -> foundOnReplica(statement, rows)));
  }

  /** The values of a statement, after those that come before them. */
  private static Object[] with(String named, @Nullable Moment moment, Object[] values) {
    int before = moment == null ? 1 : 1 + Moment.VALUES;
    var all = new Object[before + values.length];
    all[0] = named;
    if (moment != null) moment.addTo(all, 1);
    System.arraycopy(values, 0, all, before, values.length);
    return all;
  }

  private <T> T run(String sql, Object[] values, PreparedStatementCallback<T> result) {
    return Objects.requireNonNull(
        jdbc.execute(
            sql,
            (PreparedStatementCallback<T>)
                statement -> {
                  new ArgumentPreparedStatementSetter(values).setValues(statement);
                  statement.execute();
                  return result.doInPreparedStatement(statement);
                }));
  }

  /** The statement's own result comes after that of the setting. */
  private static <T> T found(PreparedStatement statement, ResultSetExtractor<T> rows)
      throws SQLException {
    statement.getMoreResults();
    return Objects.requireNonNull(rows.extractData(statement.getResultSet()));
  }

  /** The first result comes from a snapshot that was taken before that of the statement. */
  private static <T> Seen<T> foundOnReplica(PreparedStatement statement, ResultSetExtractor<T> rows)
      throws SQLException {
    ResultSet first = statement.getResultSet();
    first.next();
    String obstacle = Objects.requireNonNull(first.getString(2));
    return new Seen<>(obstacle, obstacle.isEmpty() ? found(statement, rows) : null);
  }
}
