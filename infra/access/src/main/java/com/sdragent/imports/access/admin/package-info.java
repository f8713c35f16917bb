/** The routes about keys and about who did what, for organizations and operators. */
@NullMarked
package com.sdragent.imports.access.admin;

import org.jspecify.annotations.NullMarked;
