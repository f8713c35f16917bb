package com.sdragent.imports.query.projection;

import org.springframework.jdbc.core.JdbcTemplate;

/** The positions of the store and a projection, from one database snapshot. */
record Positions(long head, long projected) {

  static Positions now(JdbcTemplate jdbc, String name) {
    return jdbc.query(
            "select coalesce((select position from domain_event order by position desc limit 1),"
                + " 0), "
                + ProjectionPosition.sql(name),
            (row, _) -> new Positions(row.getLong(1), row.getLong(2)))
        .getFirst();
  }
}
