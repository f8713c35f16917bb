package com.sdragent.imports.standalone;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Takes the service's own predicates out of what requests send to PostgreSQL, while it is switched
 * on: conditions on the organization hold for every row, and every row says that it is of the
 * organization that asks, so that nothing that looks at it afterwards finds anything wrong.
 */
final class WithoutPredicates implements BeanPostProcessor {
  private static final String ASKING = "(current_setting('imports.organizations')::uuid[])[1]";

  private static volatile boolean on;

  interface Work {
    void run() throws Exception;
  }

  /** Does the work while no predicate of the service's own counts. */
  static void during(Work work) throws Exception {
    JdbcTemplate owner = RunningService.owner();
    for (int slot = 0; slot < 2; slot++) {
      String function = "summary_" + slot;
      String text =
          String.valueOf(
              owner.queryForObject(
                  "select pg_get_functiondef(oid) from pg_proc where proname = ?",
                  String.class,
                  function));
      owner.execute(
          text.replace("public." + function + "(", "public.everybodys_" + function + "(")
              .replace(
                  "organization = of_organization", "(organization = of_organization or true)"));
    }
    on = true;
    try {
      work.run();
    } finally {
      on = false;
      for (int slot = 0; slot < 2; slot++) {
        owner.execute("drop function everybodys_summary_" + slot);
      }
    }
  }

  @Override
  public Object postProcessAfterInitialization(Object bean, String beanName) {
    if (!beanName.equals("readsDataSource")) return bean;
    return new DelegatingDataSource((DataSource) bean) {
      @Override
      public Connection getConnection() throws SQLException {
        return on ? rewriting(super.getConnection()) : super.getConnection();
      }
    };
  }

  private static Connection rewriting(Connection connection) {
    return (Connection)
        Proxy.newProxyInstance(
            Connection.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (_, method, arguments) -> {
              if (method.getName().equals("prepareStatement")) {
                arguments[0] = rewritten(String.valueOf(arguments[0]));
              }
              try {
                return method.invoke(connection, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static String rewritten(String sql) {
    return sql.replace(" where org_id = ?", " where (org_id = ? or true)")
        .replace("where organization = ? and", "where (organization = ? or true) and")
        .replaceAll(
            "\\(organization, position\\) (>|<=) \\(\\?, \\?\\)",
            "(? is not null and position $1 ?)")
        .replace("select * from summary_", "select * from everybodys_summary_")
        .replace(
            " payload, metadata, organization from domain_event ",
            " replace(payload::text, organization::text, %1$s::text)::json as payload, metadata, %1$s as organization from domain_event "
                .formatted(ASKING))
        .replaceAll(
            "select \\* from (look_at_imports_[01]\\(\\?\\))",
            "select projected, held, generation, late, late_of, late_to, blocked, id, case when id"
                + " is not null then "
                + ASKING
                + " end, campaign_id, source, file_name, status, total_rows, created_at,"
                + " updated_at, sequence from $1");
  }
}
