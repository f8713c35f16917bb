package com.sdragent.imports.eventstore.violations;

import com.sdragent.imports.command.CommandConfiguration;

/** Breaks a boundary on purpose. */
public class EventStoreThatUsesTheCommandSide {
  final CommandConfiguration other = new CommandConfiguration();
}
