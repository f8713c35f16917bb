/** What may be done to an import, and what then happens. Knows nothing of HTTP, SQL or Kafka. */
@NullMarked
package com.sdragent.imports.command.domain;

import org.jspecify.annotations.NullMarked;
