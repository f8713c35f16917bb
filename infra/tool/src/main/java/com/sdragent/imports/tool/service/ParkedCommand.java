package com.sdragent.imports.tool.service;

import com.sdragent.imports.tool.terminal.ExitCode;
import com.sdragent.imports.tool.terminal.JsonOption;
import com.sdragent.imports.tool.terminal.Printable;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/**
 * Shows the events that the read model could not apply or the relay could not publish, and deals
 * with one.
 */
@Command(
    name = "parked",
    description = {
      "Shows the events that could not be applied to the read model (--of projection, at the query"
          + " side) or not be published to Kafka (--of publication, at the command side), with"
          + " those that wait behind them. Needs a key with the scope operator.",
      "Exits with 1 when there are any, or when some of the import are left."
    })
public final class ParkedCommand implements Callable<Integer> {

  /** The part of the service that parked an event. */
  enum Who {
    /** A projection, such as the read model. */
    PROJECTION,
    /** The relay to Kafka. */
    PUBLICATION;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Mixin private final ServiceOptions service = new ServiceOptions();
  @Mixin private final JsonOption format = new JsonOption();
  @Mixin private final ProjectionOption projection = new ProjectionOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--of",
      required = true,
      paramLabel = "WHO",
      description = "Who could not take them: ${COMPLETION-CANDIDATES}")
  private Who who = Who.PROJECTION;

  @ArgGroup private @Nullable What what;

  /** One of the two actions, or none. */
  static final class What {
    @Option(
        names = "--retry",
        paramLabel = "POSITION",
        description = "Try the event at this position and those behind it again")
    private @Nullable Long retry;

    @Option(
        names = "--discard",
        paramLabel = "POSITION",
        description = "Leave the event at this position out for good, and try those behind it")
    private @Nullable Long discard;
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    try (var client = service.client(spec)) {
      long left = what == null ? list(client, out) : deal(client, what, out);
      out.flush();
      return left == 0 ? ExitCode.ALL_IS_WELL : ExitCode.FOUND_WRONG;
    }
  }

  private String address() {
    return switch (who) {
      case PROJECTION -> projection.address("parked");
      case PUBLICATION -> "admin/publication/parked";
    };
  }

  private long deal(ServiceClient client, What what, PrintWriter out) throws IOException {
    JsonNode outcome =
        (what.retry != null
                ? client.ask("POST", client.at(address() + "/" + what.retry + "/retry"))
                : client.ask("DELETE", client.at(address() + "/" + what.discard)))
            .body();
    long left = outcome.required("parked").longValue();
    if (format.isChosen()) {
      out.println(outcome);
    } else {
      out.printf(
          Locale.ROOT,
          "%,d events taken, %,d of the import are left%n",
          outcome.required("applied").longValue(),
          left);
    }
    return left;
  }

  private long list(ServiceClient client, PrintWriter out) throws IOException {
    ArrayNode all = JsonMapper.shared().createArrayNode();
    URI next = client.at(address() + "?limit=1000");
    while (next != null) {
      ServiceClient.Page page = client.ask("GET", next);
      page.body().forEach(all::add);
      next = page.next();
    }
    if (format.isChosen()) {
      out.println(all);
      return all.size();
    }
    for (JsonNode event : all) {
      JsonNode error = event.required("error");
      out.printf(
          Locale.ROOT,
          "%s  %s  %s  import %s of %s%n",
          event.required("position").longValue(),
          event.required("parked_at").asString(),
          Printable.printable(event.required("type").asString()),
          event.required("import_id").asString(),
          event.required("org_id").asString());
      out.println(
          error.isNull()
              ? "    waits behind another of its import"
              : "    " + Printable.printable(error.asString()) + attempts(event));
    }
    out.printf(Locale.ROOT, "%,d events are parked%n", all.size());
    return all.size();
  }

  private static String attempts(JsonNode event) {
    int attempts = event.required("attempts").intValue();
    return attempts == 1 ? "" : " (tried " + attempts + " times)";
  }
}
