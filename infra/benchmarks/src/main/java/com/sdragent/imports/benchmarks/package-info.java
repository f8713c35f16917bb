/** Load, races and crashes against nodes of the service that run as separate processes. */
@NullMarked
package com.sdragent.imports.benchmarks;

import org.jspecify.annotations.NullMarked;
