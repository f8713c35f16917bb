/** Load, races and crashes against the service as processes of its own. */
@NullMarked
package com.sdragent.imports.benchmarks;

import org.jspecify.annotations.NullMarked;
