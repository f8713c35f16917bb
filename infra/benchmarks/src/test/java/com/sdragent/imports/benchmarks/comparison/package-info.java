@NullMarked
package com.sdragent.imports.benchmarks.comparison;

import org.jspecify.annotations.NullMarked;
