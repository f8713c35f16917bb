/** The usual way to write this API with Axon: its own event store and token store on JPA. */
@NullMarked
package com.sdragent.imports.contenders.axon;

import org.jspecify.annotations.NullMarked;
