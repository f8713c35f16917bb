package com.sdragent.imports.contenders.axon;

import java.util.List;
import java.util.UUID;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.JpaRepository;

interface ProjectedImports extends JpaRepository<ProjectedImport, UUID> {
  List<ProjectedImport> findByOrgIdOrderByCreatedAtDescIdDesc(UUID orgId, Limit limit);
}
