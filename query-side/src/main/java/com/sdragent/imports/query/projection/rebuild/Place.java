package com.sdragent.imports.query.projection.rebuild;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Where a running rebuild is.
 *
 * @param phase the label of its phase
 * @param generation the generation that it makes
 * @param target the last position that is loaded import by import
 * @param lastImport the last import that was loaded, or null before the first
 * @param position the last position that was applied
 * @param compared where the next comparison begins, or null before the first
 */
record Place(
    long id,
    String phase,
    long generation,
    long target,
    @Nullable UUID lastImport,
    long position,
    @Nullable String compared) {}
