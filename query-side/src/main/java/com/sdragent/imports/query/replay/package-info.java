/** Building the read model anew from the first event, while the old one is read. */
@NullMarked
package com.sdragent.imports.query.replay;

import org.jspecify.annotations.NullMarked;
