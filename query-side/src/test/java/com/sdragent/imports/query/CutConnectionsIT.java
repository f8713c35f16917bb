package com.sdragent.imports.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** PostgreSQL ends connections, as it does when it is restarted or fails over. */
@Timeout(60)
class CutConnectionsIT {
  private static final List<String> READS =
      List.of("/imports/", "/imports/?limit=5", "/imports/?source=csv&status=pending");

  @Test
  void a_list_is_answered_or_the_client_is_told_to_come_back() {
    try (var node = new QueryService();
        var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 20; i++) node.create(UUID.randomUUID());
      Map<Integer, Integer> answers = new ConcurrentHashMap<>();
      var done = new AtomicBoolean();
      for (String read : READS) {
        clients.execute(
            () -> {
              while (!done.get()) {
                answers.merge(node.ask("GET", read).statusCode(), 1, Integer::sum);
              }
            });
      }
      for (int i = 0; i < 15; i++) {
        int before = answers.getOrDefault(200, 0);
        await().until(() -> answers.getOrDefault(200, 0) >= before + 20);
        node.store()
            .execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                    + " where datname = current_database() and pid <> pg_backend_pid()");
      }
      done.set(true);
      assertThat(answers.keySet()).as(answers.toString()).isSubsetOf(200, 503);
    }
  }
}
