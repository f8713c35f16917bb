/** Publishes the stored events to Kafka, each once and in order. */
@NullMarked
package com.sdragent.imports.command.publication;

import org.jspecify.annotations.NullMarked;
