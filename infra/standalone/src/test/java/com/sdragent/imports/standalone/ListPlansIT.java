package com.sdragent.imports.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** Each filter of the list has its index: PostgreSQL says so. */
class ListPlansIT {
  private static final JdbcTemplate JDBC = RunningService.owner();
  private static final UUID ORG = UUID.randomUUID();
  private static final String TABLE =
      "import_row_" + JDBC.queryForObject("select generation % 2 from projection", Integer.class);

  @BeforeAll
  static void fill() {
    JDBC.update(
        "insert into "
            + TABLE
            + """
             select gen_random_uuid(), ?, case when n % 100 = 0 then
                      ('00000000-0000-0000-0000-00000000000' || n / 100 % 10)::uuid end,
                    'source_' || n % 50, null, case when n % 40 = 0 then 'failed' else 'completed' end, n,
                    timestamptz '2024-01-01Z' + n * interval '1 minute',
                    case when n > 19980 then timestamptz '2030-01-01Z' else timestamptz '2024-01-01Z' end
                        + n * interval '1 minute'
             from generate_series(1, 20000) n
            """,
        ORG);
    JDBC.execute("analyze " + TABLE);
  }

  @AfterAll
  static void clear() {
    JDBC.update("delete from " + TABLE + " where org_id = ?", ORG);
    JDBC.execute("analyze " + TABLE);
  }

  @ParameterizedTest
  @CsvSource({
    "true, list",
    "status = 'failed', status",
    "campaign_id = '00000000-0000-0000-0000-000000000003', campaign",
    "source = 'source_7', source",
    "created_at > '2024-01-14Z', list",
    "created_at < '2024-01-02Z', list",
    "created_at <= '2024-01-08Z' and (created_at < '2024-01-08Z' or id >"
        + " '80000000-0000-0000-0000-000000000000'), list"
  })
  void a_page_walks_the_index_of_its_filter_in_the_order_of_the_list(String filter, String index) {
    assertThat(plan(filter)).contains(" " + TABLE + "_" + index + " ").doesNotContain("Sort");
  }

  @Test
  void what_was_updated_lately_is_found_without_looking_at_the_rest() {
    assertThat(plan("updated_at > '2030-01-01Z'")).contains(TABLE + "_updated");
  }

  private static String plan(String filter) {
    return String.join(
        "\n",
        JDBC.queryForList(
            "explain select * from "
                + TABLE
                + " where org_id = '"
                + ORG
                + "' and "
                + filter
                + " order by created_at desc, id limit 100",
            String.class));
  }
}
