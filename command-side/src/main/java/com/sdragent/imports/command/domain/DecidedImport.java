package com.sdragent.imports.command.domain;

import com.sdragent.imports.events.ImportState.Active;

/**
 * An import after a command.
 *
 * @param sequence the number of its last event, which is its version
 */
public record DecidedImport(Active state, long sequence) {}
