package com.sdragent.imports.command.domain;

/** The versions of an import to which a command may be done. A version is a sequence number. */
@FunctionalInterface
public interface VersionCondition {
  /** Whether the command may be done when this is the number of the import's last event. */
  boolean allows(long sequence);
}
