/** Fills a store with as many events as years of use would leave in it. */
@NullMarked
package com.sdragent.imports.benchmarks.fill;

import org.jspecify.annotations.NullMarked;
