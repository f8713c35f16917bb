/** The usual way to write this API: Spring MVC, Spring Data JPA, one table. */
@NullMarked
package com.sdragent.imports.contenders.jpa;

import org.jspecify.annotations.NullMarked;
