package com.sdragent.imports.tool.service;

import com.sdragent.imports.tool.terminal.Bar;
import com.sdragent.imports.tool.terminal.ExitCode;
import com.sdragent.imports.tool.terminal.JsonOption;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Has the service publish events again, into a topic of their own, and shows how far it is. */
@Command(
    name = "replay",
    description = {
      "Has the service publish events again, into a Kafka topic of their own; nobody else is"
          + " disturbed. Needs a key with the scope operator.",
      "The replay goes on when this command is interrupted: --watch shows it again."
    })
public final class ReplayCommand implements Callable<Integer> {
  private static final String ADDRESS = "admin/replays";
  private static final String PREFIX = "imports.replay.";

  @Mixin private final ServiceOptions service = new ServiceOptions();
  @Mixin private final JsonOption format = new JsonOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @ArgGroup(multiplicity = "1")
  private What what = new What();

  /** One of the three actions. */
  static final class What {
    @Option(names = "--target", description = "The topic, imports.replay.<name>")
    private @Nullable String target;

    @Option(names = "--watch", paramLabel = "ID", description = "Show a replay that was asked for")
    private @Nullable UUID watch;

    @Option(names = "--cancel", paramLabel = "ID", description = "Cancel a replay")
    private @Nullable UUID cancel;
  }

  @Option(names = "--dry-run", description = "Only count")
  private boolean dryRun;

  @Option(names = "--from-position", description = "The first position. Default: 1")
  private @Nullable Long fromPosition;

  @Option(names = "--to-position", description = "The last one. Default: the last that there is")
  private @Nullable Long toPosition;

  @Option(
      names = "--from-time",
      description = "Events from this time on, such as 2024-10-06T12:00:00Z")
  private @Nullable String fromTime;

  @Option(names = "--to-time", description = "Events before this time")
  private @Nullable String toTime;

  @Option(names = "--organization", description = "Events of one organization")
  private @Nullable UUID organization;

  @Option(names = "--type", description = "Events of one type, such as ImportCreated")
  private @Nullable String type;

  @Option(names = "--import", description = "Events of one import")
  private @Nullable UUID importId;

  @Option(names = "--rate", description = "Events a second. Default: as many as the service allows")
  private @Nullable Integer rate;

  @Override
  public Integer call() throws IOException {
    if (what.target != null && !what.target.startsWith(PREFIX)) {
      throw new ParameterException(
          spec.commandLine(),
          "--target must be a topic " + PREFIX + "<name>, such as " + PREFIX + "audit");
    }
    PrintWriter out = spec.commandLine().getOut();
    try (var client = service.client(spec)) {
      JsonNode status = begin(client);
      URI address = client.at(ADDRESS + "/" + status.required("id").asString());
      if (!format.isChosen()) {
        out.println("Replay " + status.required("id").asString());
        out.flush();
      }
      long before = status.required("from_position").longValue() - 1;
      long most = Math.max(0, status.required("to_position").longValue() - before);
      try (Bar bar = Bar.open("Replay", "positions", most, format)) {
        status =
            ServiceWork.await(client, address, status, bar, (now, on) -> show(now, before, on));
      }
      if (format.isChosen()) out.println(status);
      else summarize(status, out);
      out.flush();
      boolean well = what.cancel != null || status.required("state").asString().equals("completed");
      return well ? ExitCode.ALL_IS_WELL : ExitCode.FOUND_WRONG;
    }
  }

  private JsonNode begin(ServiceClient client) throws IOException {
    if (what.cancel != null) {
      return client.ask("DELETE", client.at(ADDRESS + "/" + what.cancel)).body();
    }
    if (what.watch != null) return client.ask("GET", client.at(ADDRESS + "/" + what.watch)).body();
    return client.ask("POST", client.at(ADDRESS), request()).body();
  }

  private ObjectNode request() {
    ObjectNode body = JsonMapper.shared().createObjectNode();
    body.put("target", what.target).put("dry_run", dryRun);
    if (fromPosition != null) body.put("from_position", fromPosition);
    if (toPosition != null) body.put("to_position", toPosition);
    if (fromTime != null) body.put("from_time", fromTime);
    if (toTime != null) body.put("to_time", toTime);
    if (organization != null) body.put("org_id", organization.toString());
    if (type != null) body.put("type", type);
    if (importId != null) body.put("import_id", importId.toString());
    if (rate != null) body.put("events_per_second", rate);
    return body;
  }

  private static void show(JsonNode status, long before, Bar bar) {
    bar.at(status.required("position").longValue() - before);
    bar.say(
        status.required("error").isNull()
            ? String.format(Locale.ROOT, "%,d events", status.required("events").longValue())
            : status.required("error").asString());
  }

  private static void summarize(JsonNode status, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "Replay %s: %,d events %s to %s%n",
        status.required("state").asString(),
        status.required("events").longValue(),
        status.required("dry_run").booleanValue() ? "would be published" : "published",
        status.required("target").asString());
    if (!status.required("error").isNull()) out.println(status.required("error").asString());
  }
}
