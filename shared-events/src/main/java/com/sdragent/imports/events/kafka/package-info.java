/**
 * The published language for Kafka's Java client. It needs {@code kafka-clients} beside this jar.
 */
@NullMarked
package com.sdragent.imports.events.kafka;

import org.jspecify.annotations.NullMarked;
