package com.sdragent.imports.tool.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.tool.terminal.Bar;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a person sees who watches the work of a service that goes away and comes back. */
class LostServiceTest {
  private static final String STATE =
      "{\"state\":\"%s\",\"phase\":\"catching_up\",\"events_done\":%s,\"events_total\":10}";

  @Test
  void a_lost_service_is_said_on_the_bar_until_it_answers_again() throws Exception {
    List<String> screen = Collections.synchronizedList(new ArrayList<>());
    var wasSaid = new AtomicBoolean();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          // It stays away until the bar has said so.
          if (screen.stream().anyMatch(line -> line.contains("No answer"))) wasSaid.set(true);
          byte[] body = STATE.formatted("completed", 10).getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(wasSaid.get() ? 200 : 503, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    URI address = URI.create("http://localhost:" + server.getAddress().getPort());
    try (var client = new ServiceClient(address, "key");
        Bar bar = Bar.onto(screen::add, "Rebuild", "events", 10)) {
      JsonNode running = JsonMapper.shared().readTree(STATE.formatted("running", 4));
      JsonNode last =
          ServiceWork.await(client, client.at("work"), running, bar, RebuildCommand::show);
      assertThat(last.get("state").stringValue()).isEqualTo("completed");
    } finally {
      server.stop(0);
    }
    assertThat(wasSaid).isTrue();
    assertThat(screen.getLast()).contains("Rebuild", "10/10");
  }
}
