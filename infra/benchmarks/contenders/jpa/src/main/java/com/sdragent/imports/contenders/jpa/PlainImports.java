package com.sdragent.imports.contenders.jpa;

import java.util.List;
import java.util.UUID;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.JpaRepository;

interface PlainImports extends JpaRepository<PlainImport, UUID> {
  List<PlainImport> findByOrgIdOrderByCreatedAtDescIdDesc(UUID orgId, Limit limit);
}
