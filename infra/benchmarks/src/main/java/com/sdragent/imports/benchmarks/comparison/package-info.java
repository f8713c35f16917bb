/**
 * Compares the service with the usual ways to do its job, on one machine and in one run. Nothing of
 * it runs in the ordinary build.
 */
@NullMarked
package com.sdragent.imports.benchmarks.comparison;

import org.jspecify.annotations.NullMarked;
