package com.sdragent.imports.command.domain;

import java.util.UUID;
import org.axonframework.commandhandling.CommandMessage;
import org.axonframework.modelling.command.CommandTargetResolver;
import org.axonframework.modelling.command.VersionedAggregateIdentifier;

/** What can be asked of an import. */
public interface ImportCommand {
  /**
   * Tells Axon which import a command is for. Axon's own resolver looks for an annotation on the
   * methods and fields of the command, at each command.
   */
  CommandTargetResolver TARGET = ImportCommand::target;

  /** The import that the command is for. */
  UUID importId();

  private static VersionedAggregateIdentifier target(CommandMessage<?> message) {
    if (message.getPayload() instanceof ImportCommand command) {
      return new VersionedAggregateIdentifier(command.importId().toString(), null);
    }
    throw new IllegalArgumentException("Not a command for an import: " + message.getPayloadType());
  }
}
