package com.sdragent.imports.command.web;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How commands are handled.
 *
 * @param conflictTimeout how long a command is tried again when other nodes change the same import
 */
@ConfigurationProperties("imports.command")
record CommandProperties(@DefaultValue("5s") Duration conflictTimeout) {

  CommandProperties {
    if (conflictTimeout.isNegative() || conflictTimeout.isZero()) {
      throw new IllegalArgumentException(
          "imports.command.conflict-timeout must be positive: set it to a duration such as 5s");
    }
  }
}
