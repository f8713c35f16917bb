package com.sdragent.imports.query.projection;

import static com.sdragent.imports.query.QueryService.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sdragent.imports.query.QueryService;
import com.sdragent.imports.testservers.HandMadeEvents;
import java.net.http.HttpResponse;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The store was restored to an earlier point, and went on from there. */
class LostEventsIT {
  private static final String PARKED = "/admin/projections/imports/parked";
  private static final String REBUILD = "/admin/projections/imports/rebuild";

  @Test
  void a_parked_event_that_the_store_lost_is_forgotten_and_nothing_is_applied_instead() {
    try (var node = new QueryService()) {
      UUID first = UUID.randomUUID();
      UUID lost = UUID.randomUUID();
      UUID other = UUID.randomUUID();
      node.create(first);
      node.create(lost);
      for (int i = 1; i <= 2; i++) node.append(lost, i, "ImportCreated", 1, "{}");
      UUID gone = UUID.randomUUID();
      node.create(gone);
      await().until(() -> json(node.ask("GET", PARKED)).size() == 2);
      assertThat(node.ask("GET", "/imports/" + gone).statusCode()).isEqualTo(200);

      node.store().update("delete from domain_event where position > 2");
      node.create(other);
      node.append(
          other,
          1,
          "ImportStatusChanged",
          1,
          HandMadeEvents.statusChanged(other, QueryService.ORGANIZATION, "failed"));
      // The projection waits for somebody to decide.
      await()
          .untilAsserted(
              () ->
                  assertThat(node.ask("GET", "/actuator/health").body())
                      .contains("restored to an earlier"));
      // Its row is still there, and the store has come as far as the projection had.
      node.create(UUID.randomUUID());
      assertThat(node.ask("GET", "/imports/" + gone).statusCode()).isEqualTo(404);
      assertThat(node.ask("GET", "/imports/").headers().firstValue("X-Projection-Lag"))
          .hasValue("3");
      assertThat(node.ask("POST", REBUILD).statusCode()).isEqualTo(202);
      await()
          .until(
              () -> json(node.ask("GET", REBUILD)).get("state").stringValue().equals("completed"));

      HttpResponse<String> retried = node.ask("POST", PARKED + "/3/retry");
      assertThat(retried.body()).isEqualTo("{\"applied\":0,\"parked\":0}");
      assertThat(json(node.ask("GET", PARKED))).isEmpty();
      assertThat(node.ask("GET", "/imports/" + lost).statusCode()).isEqualTo(200);
      assertThat(json(node.ask("GET", "/imports/" + other)).get("status").stringValue())
          .isEqualTo("failed");
      HttpResponse<String> list = node.ask("GET", "/imports/");
      assertThat(list.headers().firstValue("X-Projection-Lag")).isEmpty();
      assertThat(json(list)).hasSize(4);
    }
  }
}
