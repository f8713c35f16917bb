@NullMarked
package com.sdragent.imports.benchmarks.load;

import org.jspecify.annotations.NullMarked;
