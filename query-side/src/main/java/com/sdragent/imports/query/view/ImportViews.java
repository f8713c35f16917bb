package com.sdragent.imports.query.view;

import com.sdragent.imports.events.ImportStatus;
import jakarta.persistence.criteria.Predicate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Sort;
import org.springframework.data.jpa.domain.Specification;
import org.springframework.data.jpa.repository.JpaSpecificationExecutor;
import org.springframework.data.repository.Repository;

/** Lists of the read model, newest first. */
interface ImportViews extends Repository<ImportView, UUID>, JpaSpecificationExecutor<ImportView> {

  /** What a list shows; null does not restrict. */
  record Filter(UUID orgId, @Nullable ImportStatus status, @Nullable UUID campaignId) {}

  /** The next rows after the cursor, or from the newest. */
  default List<ImportView> page(Filter filter, @Nullable Cursor after, int limit) {
    return findBy(
        matching(filter, after),
        query ->
            query
                .sortBy(Sort.by(Sort.Order.desc("createdAt"), Sort.Order.asc("id")))
                .limit(limit)
                .all());
  }

  private static Specification<ImportView> matching(Filter filter, @Nullable Cursor after) {
    return (row, _, sql) -> {
      var all = new ArrayList<Predicate>();
      all.add(sql.equal(row.get("orgId"), filter.orgId()));
      if (filter.status() != null) all.add(sql.equal(row.get("status"), filter.status()));
      if (filter.campaignId() != null) {
        all.add(sql.equal(row.get("campaignId"), filter.campaignId()));
      }
      if (after != null) {
        // The first condition bounds the index scan, the second settles equal times.
        all.add(sql.lessThanOrEqualTo(row.get("createdAt"), after.createdAt()));
        all.add(
            sql.or(
                sql.lessThan(row.get("createdAt"), after.createdAt()),
                sql.greaterThan(row.<UUID>get("id"), after.id())));
      }
      return sql.and(all.toArray(Predicate[]::new));
    };
  }
}
