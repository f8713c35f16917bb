/**
 * What the relay and private replays have in common: how an event becomes a record, and how Kafka's
 * answers are read.
 */
@NullMarked
package com.sdragent.imports.command.publication.kafka;

import org.jspecify.annotations.NullMarked;
