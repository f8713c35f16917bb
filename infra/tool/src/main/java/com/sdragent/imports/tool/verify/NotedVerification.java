package com.sdragent.imports.tool.verify;

import com.sdragent.imports.tool.terminal.Printable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was done, for a table of the store, in which operators see when it was done last and by
 * whom. What cannot be noted changes nothing else: a copy may be read-only.
 *
 * @param from the first position that was read
 * @param position the last one that was right
 * @param hash the hash there
 * @param compared whether what is derived from events was held against them
 * @param signed the checkpoint, or null
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record NotedVerification(
    String kind,
    long from,
    long position,
    byte[] hash,
    boolean compared,
    List<Finding> findings,
    @Nullable Checkpoint signed) {

  /** Notes it, and returns why it could not, or null. */
  @Nullable String writeTo(StoreOptions store) {
    try (Connection connection = store.connectToWrite();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                insert into public.verification
                  (kind, from_position, position, hash, compared, findings, first_finding, checkpoint, key)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)) {
      statement.setString(1, kind);
      statement.setLong(2, from);
      statement.setLong(3, position);
      statement.setBytes(4, hash);
      statement.setBoolean(5, compared);
      statement.setInt(6, findings.size());
      statement.setString(7, findings.isEmpty() ? null : findings.getFirst().toString());
      statement.setString(8, signed == null ? null : signed.digest());
      statement.setString(9, signed == null ? null : signed.key());
      statement.executeUpdate();
      return null;
    } catch (SQLException e) {
      return "This could not be noted in the store: "
          + Printable.printable(String.valueOf(e.getMessage()))
          + StoreOptions.remedy(e);
    }
  }
}
