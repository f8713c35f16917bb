@NullMarked
package com.sdragent.imports.benchmarks;

import org.jspecify.annotations.NullMarked;
