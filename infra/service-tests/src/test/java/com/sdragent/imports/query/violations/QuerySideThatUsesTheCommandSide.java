package com.sdragent.imports.query.violations;

import com.sdragent.imports.command.CommandConfiguration;

/** Breaks a boundary on purpose. */
public class QuerySideThatUsesTheCommandSide {
  final CommandConfiguration other = new CommandConfiguration();
}
