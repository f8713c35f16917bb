package com.sdragent.imports.query.imports;

import com.sdragent.imports.access.Caller;
import com.sdragent.imports.events.ImportState.Active;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.UUID;

/** Answers the requests of the Imports API that ask for the past. */
public interface PastReads {

  /** The import as it was. */
  Active find(UUID id, Caller caller, HttpServletRequest request);

  /** The list as it was. */
  void list(Caller caller, HttpServletRequest request, HttpServletResponse response)
      throws IOException;

  /** How many imports the list would have shown. */
  void count(Caller caller, HttpServletRequest request, HttpServletResponse response);
}
