@NullMarked
package com.sdragent.imports.embedded;

import org.jspecify.annotations.NullMarked;
