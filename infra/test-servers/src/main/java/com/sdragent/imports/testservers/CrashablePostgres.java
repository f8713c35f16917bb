package com.sdragent.imports.testservers;

import com.sdragent.imports.embedded.DataDirectory;
import com.sdragent.imports.embedded.DurablePostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A PostgreSQL server of a test's own that can crash and come back on the same port with the same
 * data. The system property {@code imports.test.postgres-directory} names the place for its data,
 * such as a file system that is small enough to be filled.
 */
public final class CrashablePostgres implements AutoCloseable {
  private static final String STANDBY = "standby";

  private final Path path;
  private final DataDirectory directory;
  private final int port;
  private DurablePostgres server;

  private CrashablePostgres(Path path, int wantedPort) {
    this.path = path;
    directory = DataDirectory.take(path);
    server = DurablePostgres.start(directory, wantedPort);
    port = Integer.parseInt(server.jdbcUrl().replaceFirst("^.*:([0-9]+)/.*$", "$1"));
  }

  public static CrashablePostgres start() {
    return new CrashablePostgres(newDirectory(), 0);
  }

  private static Path newDirectory() {
    String given = System.getProperty("imports.test.postgres-directory");
    return TemporaryDirectory.withSharedPrograms(
        given == null
            ? TemporaryDirectory.create("crashable")
            : TemporaryDirectory.createIn(Path.of(given), "crashable"));
  }

  /**
   * Another server, on a base backup of this one that is taken while this one works: PostgreSQL's
   * <a href="https://www.postgresql.org/docs/current/continuous-archiving.html">low-level API</a>,
   * which {@code pg_basebackup} uses too.
   */
  public CrashablePostgres restoredBackup() {
    return restoredBackup(0);
  }

  /**
   * The same on this port. The copy stays on this server's timeline, as a copy of its disk would.
   */
  public CrashablePostgres restoredBackup(int port) {
    return new CrashablePostgres(backup(), port);
  }

  /**
   * Another server, on this port, that follows this one by streaming replication until it is {@link
   * #promote promoted}. Its name as a standby is {@value #STANDBY}.
   */
  public CrashablePostgres standby(int port) {
    Path copy = backup();
    try {
      Files.createFile(copy.resolve("postgres").resolve("standby.signal"));
      Files.writeString(
          copy.resolve("postgres").resolve("postgresql.auto.conf"),
          """
          synchronous_standby_names = ''
          primary_conninfo = 'host=localhost port=%s user=postgres application_name=%s'
          """
              .formatted(this.port, STANDBY));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new CrashablePostgres(copy, port);
  }

  /** Makes a standby a primary, on a timeline of its own. */
  public void promote() {
    execute("select pg_promote()");
  }

  /** Has each commit from now on wait for the standby, or for nobody. */
  public void commitSynchronously(boolean wait) {
    execute("alter system set synchronous_standby_names = '" + (wait ? STANDBY : "") + "'");
    execute("select pg_reload_conf()");
  }

  private void execute(String sql) {
    try (Connection session = database().connect();
        Statement statement = session.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  private Path backup() {
    Path backup = newDirectory();
    Path from = path.resolve("postgres");
    Path to = backup.resolve("postgres");
    try (Connection session = database().connect();
        Statement statement = session.createStatement()) {
      statement.execute("select pg_backup_start('a test', true)");
      TemporaryDirectory.copy(from, to);
      try (ResultSet end = statement.executeQuery("select labelfile from pg_backup_stop(false)")) {
        end.next();
        Files.writeString(to.resolve("backup_label"), end.getString(1));
      }
      // The log that was written meanwhile makes the copy whole.
      TemporaryDirectory.copy(from.resolve("pg_wal"), to.resolve("pg_wal"));
      Files.deleteIfExists(to.resolve("postmaster.pid"));
    } catch (SQLException e) {
      throw new IllegalStateException("The backup failed", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return backup;
  }

  /** The server's database, which is empty at first. */
  public TestPostgres.Database database() {
    return new TestPostgres.Database(server.jdbcUrl(), "postgres", "");
  }

  /** The port on which it listens on loopback. */
  public int port() {
    return port;
  }

  /** The directory of its data. */
  public Path directory() {
    return path;
  }

  /** PostgreSQL's immediate shutdown: its processes abort, and the next start recovers. */
  public void crash() {
    signal("QUIT");
  }

  /** Ends it in good order, to be {@link #restart started again}. */
  public void stop() {
    server.close();
  }

  /** Starts it again, whatever ended it. */
  public void restart() {
    server.close();
    server = DurablePostgres.start(directory, port);
  }

  private void signal(String signal) {
    try {
      Path pidFile = path.resolve("postgres").resolve("postmaster.pid");
      long pid = Long.parseLong(Files.readAllLines(pidFile).getFirst().strip());
      ProcessHandle postmaster = ProcessHandle.of(pid).orElseThrow();
      new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).start().waitFor();
      postmaster.onExit().get(30, TimeUnit.SECONDS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("PostgreSQL did not end", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    server.close();
    directory.close();
    TemporaryDirectory.delete(path);
  }
}
