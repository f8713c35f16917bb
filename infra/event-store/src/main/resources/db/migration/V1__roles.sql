-- Who there is; what they may do with a table stands beside it (infra/docs/operations.md).
-- Roles belong to the whole server and may be there already: made by hand where the migrating role may not make
-- any, or by another database's migration.
do $$
declare
  name text;
begin
  foreach name in array array['imports_appender', 'imports_projector', 'imports_reader', 'imports_viewer'] loop
    if not exists (select from pg_roles where rolname = name) then
      begin
        execute format('create role %I nologin', name);
      exception
        when duplicate_object or unique_violation then
          null; -- another database was migrated at the same time
      end;
    end if;
  end loop;
end
$$;

-- What databases have that come from PostgreSQL 14 or before: everybody could put a table before one of ours.
revoke create on schema public from public;

-- The organizations that a statement of imports_viewer is for, and no row of another one is there for it: none at all unless
-- its transaction names some (infra/docs/decisions/0061-requests-read-as-a-role-that-sees-their-rows.md). A policy asks for
-- them once a statement. It takes array_position rather than any(): a statement names its organization as well, and
-- PostgreSQL would take that for a second condition, expect few rows, and sort a list instead of walking an index.
create function visible_organizations() returns uuid[] language sql stable parallel safe
  return nullif(pg_catalog.current_setting('imports.organizations', true), '')::uuid[];
