package com.sdragent.imports.tool.service;

import com.sdragent.imports.tool.terminal.ExitCode;
import com.sdragent.imports.tool.terminal.JsonOption;
import com.sdragent.imports.tool.terminal.Printable;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** Prints everything that happened to an import, with the callers that caused it. */
@Command(
    name = "history",
    description =
        "Everything that happened to an import. Needs a key with the scope imports:audit.")
public final class HistoryCommand implements Callable<Integer> {
  @Mixin private final ServiceOptions service = new ServiceOptions();
  @Mixin private final JsonOption format = new JsonOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "ID", description = "The import's id, a deleted one's too")
  private @Nullable UUID id;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    List<JsonNode> events = new ArrayList<>();
    try (var client = service.client(spec)) {
      URI next = client.at("imports/" + id + "/events?limit=1000");
      while (next != null) {
        ServiceClient.Page page = client.ask("GET", next);
        page.body().forEach(events::add);
        next = page.next();
      }
    }
    if (format.isChosen()) {
      out.println(events);
    } else {
      events.forEach(event -> print(event, out));
      out.printf("%s events%n", events.size());
    }
    out.flush();
    return ExitCode.ALL_IS_WELL;
  }

  private static void print(JsonNode event, PrintWriter out) {
    out.printf(
        "%-27s  %-24s by %s%s%n",
        event.required("time").asString(),
        event.required("type").asString(),
        event.required("actor").isNull() ? "somebody unknown" : printable(event.required("actor")),
        event.required("request_id").isNull()
            ? ""
            : ", request " + printable(event.required("request_id")));
    for (Map.Entry<String, JsonNode> change : event.required("changes").properties()) {
      out.printf(
          "%29s%s: %s → %s%n",
          "", change.getKey(), value(change.getValue(), "from"), value(change.getValue(), "to"));
    }
  }

  private static String value(JsonNode change, String side) {
    JsonNode value = change.get(side);
    return value == null || value.isNull() ? "—" : printable(value);
  }

  private static String printable(JsonNode value) {
    return Printable.printable(value.asString());
  }
}
