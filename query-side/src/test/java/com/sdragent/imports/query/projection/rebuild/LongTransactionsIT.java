package com.sdragent.imports.query.projection.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.testservers.TestPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

@Timeout(30)
class LongTransactionsIT {
  private static final Duration LOOK_EVERY = Duration.ofMillis(50);

  private final TestPostgres.Database database = TestPostgres.freshDatabase();
  private final JdbcTemplate server = new JdbcTemplate(source(database.jdbcUrl()));

  @Test
  void a_server_that_vanishes_without_a_word_is_not_waited_for() throws Exception {
    var address = URI.create(database.jdbcUrl().substring("jdbc:".length()));
    try (var network = new SilentNetwork(address.getPort())) {
      // The watch looks with a limit, as by the pool: its look may be under way as well.
      var work = sleeping(withSocketTimeout(through(network, address)), 600);
      await().until(() -> !sleepers().isEmpty());
      network.loseWhatIsUnderWay();
      server.queryForList("select pg_terminate_backend(?)", sleepers().getFirst());
      assertThatThrownBy(work::join)
          .isInstanceOf(CompletionException.class)
          .hasCauseInstanceOf(DataAccessException.class);
    }
  }

  @Test
  void a_statement_is_waited_for_as_long_as_its_session_exists() {
    assertThat(sleeping(withSocketTimeout(database.jdbcUrl()), 1.5).join()).isTrue();
  }

  private static String withSocketTimeout(String url) {
    return url + (url.contains("?") ? "&" : "?") + "socketTimeout=1";
  }

  private CompletableFuture<Boolean> sleeping(String url, double seconds) {
    var source = source(url);
    var jdbc = new JdbcTemplate(source);
    var transactions =
        new LongTransactions(
            jdbc, new TransactionTemplate(new JdbcTransactionManager(source)), LOOK_EVERY);
    return CompletableFuture.supplyAsync(
        () ->
            transactions.run(
                _ -> {
                  jdbc.query("select pg_sleep(?)", _ -> {}, seconds);
                  return true;
                }),
        Thread::startVirtualThread);
  }

  private List<Integer> sleepers() {
    return server.query(
        "select pid from pg_stat_activity where wait_event = 'PgSleep'"
            + " and datname = current_database()",
        (row, _) -> row.getInt(1));
  }

  private DriverManagerDataSource source(String url) {
    return new DriverManagerDataSource(url, database.username(), database.password());
  }

  private static String through(SilentNetwork network, URI address) {
    return "jdbc:"
        + address
            .toString()
            .replace(
                "//" + address.getAuthority(), "//localhost:" + network.listening.getLocalPort());
  }

  /** Passes everything on, until it loses what is under way: neither side hears of the other. */
  private static final class SilentNetwork implements AutoCloseable {
    private final ServerSocket listening =
        new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<AtomicBoolean> open = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    SilentNetwork(int server) throws IOException {
      Thread.startVirtualThread(() -> accept(server));
    }

    void loseWhatIsUnderWay() {
      open.forEach(one -> one.set(false));
    }

    private void accept(int port) {
      while (!listening.isClosed()) {
        try {
          Socket client = listening.accept();
          var server = new Socket(InetAddress.getLoopbackAddress(), port);
          var passes = new AtomicBoolean(true);
          open.add(passes);
          Thread.startVirtualThread(() -> pass(client, server, passes));
          Thread.startVirtualThread(() -> pass(server, client, passes));
        } catch (IOException e) {
          // The test is over.
        }
      }
    }

    private void pass(Socket from, Socket to, AtomicBoolean passes) {
      try (from;
          to) {
        var buffer = new byte[1 << 16];
        for (int n = from.getInputStream().read(buffer); passes.get(); ) {
          if (n < 0) return;
          to.getOutputStream().write(buffer, 0, n);
          n = from.getInputStream().read(buffer);
        }
        closed.await();
      } catch (IOException e) {
        // The other side has gone.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void close() throws IOException {
      closed.countDown();
      listening.close();
    }
  }
}
