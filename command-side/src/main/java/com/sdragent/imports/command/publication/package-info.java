/** Publishes what was stored to Kafka, each event once and in order. */
@NullMarked
package com.sdragent.imports.command.publication;

import org.jspecify.annotations.NullMarked;
