/** A load generator that takes little of the machine from what it measures. */
@NullMarked
package com.sdragent.imports.benchmarks.load;

import org.jspecify.annotations.NullMarked;
