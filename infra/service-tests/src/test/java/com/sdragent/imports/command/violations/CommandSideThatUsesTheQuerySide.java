package com.sdragent.imports.command.violations;

import com.sdragent.imports.query.QueryConfiguration;

/** Breaks a boundary on purpose. */
public class CommandSideThatUsesTheQuerySide {
  final QueryConfiguration other = new QueryConfiguration();
}
