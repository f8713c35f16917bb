/**
 * What the relay and private replays have in common: how an event becomes a record, and what Kafka
 * says.
 */
@NullMarked
package com.sdragent.imports.command.publication.kafka;

import org.jspecify.annotations.NullMarked;
