/** What an operations team runs against the service as it is deployed. */
@NullMarked
package com.sdragent.imports.deploy;

import org.jspecify.annotations.NullMarked;
