/**
 * What may be done to an import, and what happens then. The package knows nothing of HTTP, SQL or
 * Kafka.
 */
@NullMarked
package com.sdragent.imports.command.domain;

import org.jspecify.annotations.NullMarked;
