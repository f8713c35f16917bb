package com.sdragent.imports.query.projection;

import com.sdragent.imports.events.ImportEvent;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;

/**
 * Rows that are made from events, and can be made again from the first one. A bean of this type is
 * kept current on every query node, parks the events that it cannot apply, and is rebuilt, measured
 * and served to operators under {@code /admin/projections/{name}}.
 *
 * <p>The rows stand in two sets of tables: those of generation n in the set n % 2. One generation
 * is live, the other empty or being rebuilt. Its migration makes the tables, a row of its name in
 * {@code projection} and a hundred rows of its name at position 0 in {@code projection_position}.
 *
 * <p>The methods that write are called with the projection's lock held, or by the only node that
 * rebuilds the generation, within a transaction that commits the position as well. So each event is
 * applied once.
 *
 * @param <S> what the projection has to know of an import to take its next event, and to tell what
 *     the rows gain by it: immutable
 */
public interface Projection<S> {

  /** The projection's name in tables, routes and metrics: lower-case letters and underscores. */
  String name();

  /** The state of an import that has no events. */
  S absent();

  /**
   * The state after one more event. It reads nothing but its arguments.
   *
   * @throws IllegalStateException when the event cannot follow: it is parked
   */
  S fold(S before, ImportEvent event);

  /**
   * A state after its rows are written: it has forgotten what only they gained by, so that it does
   * not grow with an import's events.
   */
  default S written(S state) {
    return state;
  }

  /**
   * The states of these imports as a generation's rows tell them. Imports without rows are missing,
   * even deleted ones unless the projection keeps something of them: they are folded from their
   * events where that counts.
   */
  Map<UUID, S> states(long generation, Collection<UUID> ids);

  /**
   * Makes a generation's rows what they are after these changes, each of another import. A value
   * over many imports, such as a counter, changes by the difference between after and before.
   *
   * @throws DataAccessException also when PostgreSQL refuses a row: the changes are then made one
   *     by one, each within a savepoint
   */
  void write(long generation, Collection<Folded<S>> changes);

  /**
   * Does the same for a generation that is being loaded, as fast as PostgreSQL allows. The
   * generation has nothing of these imports yet and no index but its keys. Every import comes once,
   * even a deleted one, with all its events up to a position. One with more events than a batch is
   * written in parts instead.
   */
  void fill(long generation, Collection<Folded<S>> imports);

  /** Empties a generation and drops its indexes. */
  void empty(long generation);

  /**
   * Makes the first index that a loaded generation lacks or, after the last one, its statistics.
   *
   * @return whether it was an index, after which there may be another
   */
  boolean index(long generation);

  /**
   * Compares some of a rebuilt generation's rows with those of the live one before it, in one
   * statement, since both are at the same position in any database snapshot.
   *
   * @param from where the last comparison said that the next one begins, or null
   * @param rows about how many rows it looks at
   */
  Compared compare(long generation, @Nullable String from, int rows);

  /**
   * An import before and after some of its events.
   *
   * @param sequence the number of the last of them
   */
  record Folded<S>(UUID importId, S before, S after, long sequence) {}

  /**
   * The result of a comparison.
   *
   * @param next where the next one begins, in whatever form the projection likes, or null after the
   *     last
   * @param differences how many rows are not the same
   * @param examples the first of them, at most {@link #EXAMPLES}, as a JSON array
   */
  record Compared(@Nullable String next, long differences, String examples) {
    /** How many different rows are shown. */
    public static final int EXAMPLES = 10;
  }
}
