/** What every GET of the query side needs, whatever it reads. */
@NullMarked
package com.sdragent.imports.query.web;

import org.jspecify.annotations.NullMarked;
