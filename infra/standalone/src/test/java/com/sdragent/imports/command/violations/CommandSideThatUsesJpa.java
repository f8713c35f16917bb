package com.sdragent.imports.command.violations;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;

/** Breaks a boundary on purpose. */
@Entity
public class CommandSideThatUsesJpa {
  @Id long id;
}
