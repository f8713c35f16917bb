/** What a request costs in Spring MVC when nothing is done: the limit for every other contender. */
@NullMarked
package com.sdragent.imports.contenders.empty;

import org.jspecify.annotations.NullMarked;
