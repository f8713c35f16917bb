/** PostgreSQL and Kafka that one process starts, keeps in a directory and stops again. */
@NullMarked
package com.sdragent.imports.embedded;

import org.jspecify.annotations.NullMarked;
