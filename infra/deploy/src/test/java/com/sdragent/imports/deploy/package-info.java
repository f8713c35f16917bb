/** What an operations team installs, held against the tools that will read it. */
@NullMarked
package com.sdragent.imports.deploy;

import org.jspecify.annotations.NullMarked;
