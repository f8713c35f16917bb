package com.sdragent.imports.query.imports;

import com.sdragent.imports.events.ImportState.Active;

/**
 * An import as it is after some of its events.
 *
 * @param sequence the number of the last of them, which is the import's version
 */
record VersionedImport(Active state, long sequence) {}
