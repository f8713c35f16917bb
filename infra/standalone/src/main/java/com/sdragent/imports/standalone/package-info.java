/**
 * Both sides in one process, with a PostgreSQL and a Kafka of its own: the default way to run it.
 */
@NullMarked
package com.sdragent.imports.standalone;

import org.jspecify.annotations.NullMarked;
