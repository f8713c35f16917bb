package com.sdragent.imports.command.publication;

import com.sdragent.imports.access.placement.Placement;
import com.sdragent.imports.command.publication.kafka.PublicationStoppedException;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/** Keeps a node from publishing the events of a store that is not its own. */
@FunctionalInterface
public interface RightStore {
  /**
   * Makes sure, once, that the database is the store that this node is told it is on.
   *
   * @throws PublicationStoppedException when it is another
   * @throws org.springframework.dao.DataAccessException when the database does not answer
   */
  void require();

  /** Where organizations are placed says which store is the right one. */
  static RightStore of(Placement placement) {
    return () -> {
      try {
        placement.requireRightStore();
      } catch (InvalidConfigurationPropertyValueException e) {
        throw new PublicationStoppedException(e.getName() + ": " + e.getReason());
      }
    };
  }
}
