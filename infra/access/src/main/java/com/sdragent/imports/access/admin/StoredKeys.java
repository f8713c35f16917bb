package com.sdragent.imports.access.admin;

import com.sdragent.imports.access.Caller;
import com.sdragent.imports.access.keys.KeyEntry;
import com.sdragent.imports.access.keys.KeyTable;
import com.sdragent.imports.access.keys.OwnKey;
import com.sdragent.imports.web.ApiError;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;

/** The keys of the caller's organization; those of others do not exist. */
final class StoredKeys {
  private final JdbcTemplate jdbc;

  StoredKeys(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  List<KeyEntry> of(Caller caller) {
    return Objects.requireNonNull(
        jdbc.execute(
            (ConnectionCallback<List<KeyEntry>>)
                connection -> KeyTable.list(connection, caller.organization())));
  }

  /**
   * The key with this id.
   *
   * @throws ApiError 404, when the organization has none
   */
  KeyEntry find(String id, Caller caller) {
    return any(id)
        .filter(key -> key.organization().equals(caller.organization()))
        .orElseThrow(StoredKeys::notFound);
  }

  Optional<KeyEntry> any(String id) {
    return Objects.requireNonNull(
        jdbc.execute(
            (ConnectionCallback<Optional<KeyEntry>>) connection -> KeyTable.find(connection, id)));
  }

  boolean stands(OwnKey own) {
    return Boolean.TRUE.equals(
        jdbc.execute((ConnectionCallback<Boolean>) connection -> KeyTable.stands(connection, own)));
  }

  /** Makes a change. */
  Optional<KeyEntry> change(ConnectionCallback<Optional<KeyEntry>> change) {
    return Objects.requireNonNull(jdbc.execute(change));
  }

  static ApiError notFound() {
    return ApiError.notFound("API key not found");
  }
}
