package com.sdragent.imports.query.imports;

import com.sdragent.imports.query.web.Cursor;
import jakarta.persistence.criteria.Predicate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Sort;
import org.springframework.data.jpa.domain.Specification;
import org.springframework.data.jpa.repository.JpaSpecificationExecutor;
import org.springframework.data.repository.NoRepositoryBean;
import org.springframework.data.repository.Repository;

/** Lists of a generation of the read model, newest first, each one statement. */
@NoRepositoryBean
interface ImportRowLists<T extends ImportRow>
    extends Repository<T, UUID>, JpaSpecificationExecutor<T> {

  /** Generations with an even number. */
  interface Even extends ImportRowLists<ImportRow.Even> {}

  /** Generations with an odd number. */
  interface Odd extends ImportRowLists<ImportRow.Odd> {}

  /** The next rows after the cursor, or from the newest. */
  default List<T> page(ImportFilter filter, @Nullable Cursor cursor, int limit) {
    return findBy(
        matching(filter, cursor),
        query ->
            query
                .sortBy(Sort.by(Sort.Order.desc("createdAt"), Sort.Order.asc("id")))
                .limit(limit)
                .all());
  }

  /** How many rows pass the filter. */
  default long count(ImportFilter filter) {
    return count(matching(filter, null));
  }

  private static <T> Specification<T> matching(ImportFilter filter, @Nullable Cursor cursor) {
    return (row, _, sql) -> {
      var all = new ArrayList<Predicate>();
      all.add(sql.equal(row.get("orgId"), filter.orgId()));
      if (filter.status() != null) all.add(sql.equal(row.get("status"), filter.status()));
      if (filter.campaignId() != null) {
        all.add(sql.equal(row.get("campaignId"), filter.campaignId()));
      }
      if (filter.source() != null) all.add(sql.equal(row.get("source"), filter.source()));
      if (filter.createdAfter() != null) {
        all.add(sql.greaterThan(row.get("createdAt"), filter.createdAfter()));
      }
      Instant before = filter.createdBefore();
      // A condition that is given twice would count twice for the planner, which would then expect
      // few rows and sort them.
      if (before != null && (cursor == null || !cursor.createdAt().isBefore(before))) {
        all.add(sql.lessThan(row.get("createdAt"), before));
      }
      if (filter.updatedAfter() != null) {
        all.add(sql.greaterThan(row.get("updatedAt"), filter.updatedAfter()));
      }
      if (cursor != null) {
        // The first condition bounds the index scan, the second settles equal times.
        all.add(sql.lessThanOrEqualTo(row.get("createdAt"), cursor.createdAt()));
        all.add(
            sql.or(
                sql.lessThan(row.get("createdAt"), cursor.createdAt()),
                sql.greaterThan(row.<UUID>get("id"), cursor.id())));
      }
      return sql.and(all.toArray(Predicate[]::new));
    };
  }
}
