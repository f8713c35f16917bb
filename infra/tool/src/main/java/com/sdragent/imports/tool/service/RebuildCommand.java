package com.sdragent.imports.tool.service;

import com.sdragent.imports.tool.terminal.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.util.Locale;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;
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
  @Mixin private final ProjectionOption projection = new ProjectionOption();
  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--cancel", description = "Cancel the one that is running instead")
  private boolean cancel;

  @Option(names = "--watch", description = "Show the one that is running instead of starting one")
  private boolean watch;

  @Option(names = "--json", description = "For machines: the last state alone")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    if (spec == null) throw new IllegalStateException("picocli sets the spec");
    PrintWriter out = spec.commandLine().getOut();
    try (var client = new ServiceClient(service)) {
      URI address = client.at(projection.address("rebuild"));
      JsonNode status = client.ask(cancel ? "DELETE" : watch ? "GET" : "POST", address).body();
      status =
          json
              ? ServiceWork.await(client, address, status, _ -> {})
              : show(client, address, status);
      if (json) {
        out.println(status);
      } else {
        summarize(status, out);
      }
      out.flush();
      boolean well =
          cancel
              || (status.get("state").asString().equals("completed")
                  && status.get("differences").longValue() == 0);
      return well ? ExitCode.ALL_IS_WELL : ExitCode.FOUND_WRONG;
    }
  }

  private static JsonNode show(ServiceClient client, URI address, JsonNode first)
      throws IOException {
    try (ProgressBar bar =
        new ProgressBarBuilder()
            .setTaskName("Rebuild")
            .setUnit(" events", 1)
            .showSpeed()
            .setInitialMax(first.get("events_total").longValue())
            .build()) {
      return ServiceWork.await(
          client,
          address,
          first,
          status -> {
            bar.maxHint(status.get("events_total").longValue());
            bar.stepTo(status.get("events_done").longValue());
            bar.setExtraMessage(" " + status.get("phase").asString().replace('_', ' '));
          });
    }
  }

  private static void summarize(JsonNode status, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "Rebuild %s: %,d events, %,d a second%n",
        status.get("state").asString(),
        status.get("events_done").longValue(),
        status.get("events_per_second").longValue());
    if (!status.get("error").isNull()) out.println(status.get("error").asString());
    long differences = status.get("differences").longValue();
    if (differences == 0) return;
    out.printf(Locale.ROOT, "%,d rows were not what the events say:%n", differences);
    for (JsonNode row : status.get("different_rows")) {
      String what =
          row.get("live").isNull()
              ? "was missing"
              : row.get("rebuilt").isNull() ? "should not have been there" : "was different";
      out.printf("  %s %s%n", row.get("id").asString(), what);
    }
  }
}
