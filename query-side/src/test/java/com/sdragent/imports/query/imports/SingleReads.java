package com.sdragent.imports.query.imports;

import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.query.QueryService;
import com.sdragent.imports.query.web.Recipients;
import java.util.Optional;
import java.util.UUID;

/** What a GET of one import does, without HTTP. */
public final class SingleReads {
  private SingleReads() {}

  /** An import of the organization of the service's key. */
  public static Optional<Active> find(QueryService node, UUID id) {
    return node.bean(ImportReads.class)
        .find(Recipients.of(QueryService.ORGANIZATION), id)
        .map(VersionedImport::state);
  }
}
