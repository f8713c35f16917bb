-- Who there is; what they may do with a table stands beside it (infra/docs/operations.md).
-- Roles belong to the whole server and may be there already: made by hand where the migrating role may not make
-- any, or by another database's migration.
do $$
declare
  name text;
begin
  foreach name in array array['imports_appender', 'imports_projector', 'imports_reader'] loop
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
