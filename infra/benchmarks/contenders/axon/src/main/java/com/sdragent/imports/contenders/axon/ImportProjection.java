package com.sdragent.imports.contenders.axon;

import jakarta.persistence.EntityManager;
import org.axonframework.config.ProcessingGroup;
import org.axonframework.eventhandling.EventHandler;
import org.springframework.stereotype.Component;

/** Keeps the read model, behind the writes, by Axon's streaming processor. */
@Component
@ProcessingGroup("imports")
class ImportProjection {
  private final EntityManager entityManager;

  ImportProjection(EntityManager entityManager) {
    this.entityManager = entityManager;
  }

  @EventHandler
  void on(StoredImport.Created event) {
    entityManager.persist(new ProjectedImport(event.details()));
  }

  @EventHandler
  void on(StoredImport.Updated event) {
    entityManager.find(ProjectedImport.class, event.details().id()).set(event.details());
  }
}
