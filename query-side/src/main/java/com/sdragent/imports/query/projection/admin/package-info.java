/** The routes for operators of projections, {@code /admin/projections/{name}}. */
@NullMarked
package com.sdragent.imports.query.projection.admin;

import org.jspecify.annotations.NullMarked;
