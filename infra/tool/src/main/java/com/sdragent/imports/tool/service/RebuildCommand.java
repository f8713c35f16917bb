package com.sdragent.imports.tool.service;

import com.sdragent.imports.tool.terminal.Bar;
import com.sdragent.imports.tool.terminal.ExitCode;
import com.sdragent.imports.tool.terminal.JsonOption;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** Has the service build its read model again, and shows how far it is. */
@Command(
    name = "rebuild",
    description = {
      "Has the service build its read model again from the first event, while it is read. Needs a"
          + " key with the scope operator.",
      "Exits with 1 when rows were not what the events say; they are right afterwards."
    })
public final class RebuildCommand implements Callable<Integer> {
  @Mixin private final ServiceOptions service = new ServiceOptions();
  @Mixin private final JsonOption format = new JsonOption();
  @Mixin private final ProjectionOption projection = new ProjectionOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--cancel", description = "Cancel the one that is running instead")
  private boolean cancel;

  @Option(names = "--watch", description = "Show the one that is running instead of starting one")
  private boolean watch;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    try (var client = service.client(spec)) {
      URI address = client.at(projection.address("rebuild"));
      JsonNode status = client.ask(cancel ? "DELETE" : watch ? "GET" : "POST", address).body();
      try (Bar bar =
          Bar.open("Rebuild", "events", status.required("events_total").longValue(), format)) {
        status = ServiceWork.await(client, address, status, bar, RebuildCommand::show);
      }
      if (format.isChosen()) {
        out.println(status);
      } else {
        summarize(status, out);
      }
      out.flush();
      boolean well =
          cancel
              || (status.required("state").asString().equals("completed")
                  && status.required("differences").longValue() == 0);
      return well ? ExitCode.ALL_IS_WELL : ExitCode.FOUND_WRONG;
    }
  }

  static void show(JsonNode status, Bar bar) {
    bar.at(status.required("events_done").longValue(), status.required("events_total").longValue());
    bar.say(status.required("phase").asString().replace('_', ' '));
  }

  private static void summarize(JsonNode status, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "Rebuild %s: %,d events, %,d a second%n",
        status.required("state").asString(),
        status.required("events_done").longValue(),
        status.required("events_per_second").longValue());
    if (!status.required("error").isNull()) out.println(status.required("error").asString());
    long differences = status.required("differences").longValue();
    if (differences == 0) return;
    out.printf(Locale.ROOT, "%,d rows were not what the events say:%n", differences);
    for (JsonNode row : status.required("different_rows")) {
      String what =
          row.required("live").isNull()
              ? "was missing"
              : row.required("rebuilt").isNull() ? "should not have been there" : "was different";
      out.printf("  %s %s%n", row.required("id").asString(), what);
    }
  }
}
