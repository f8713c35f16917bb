/** The imports as they are now: the projection that keeps the rows, and the GET that reads them. */
@NullMarked
package com.sdragent.imports.query.view;

import org.jspecify.annotations.NullMarked;
