/**
 * The published language for Kafka's Java client. Needs {@code kafka-clients} and Jackson 3 beside
 * this jar, and neither Spring nor Axon.
 */
@NullMarked
package com.sdragent.imports.events.kafka;

import org.jspecify.annotations.NullMarked;
