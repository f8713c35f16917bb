-- Who may do what (infra/docs/operations.md). It runs after all other migrations, again whenever it changes:
-- a migration that adds a table adds a line here.
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

-- The command side. It adds events and never changes one: no UPDATE, no DELETE, no TRUNCATE.
grant select, insert on domain_event to imports_appender;
grant select, insert, update, delete on snapshot, lease to imports_appender;
grant select, insert, update on replay to imports_appender;
grant select, insert, update, delete on parked_publication, publication_request to imports_appender;
grant select on api_key to imports_appender;

-- The query side. It makes the read model from events that it cannot touch.
grant select on domain_event, snapshot, api_key to imports_projector;
grant select, insert, update, delete
  on import_view, import_row_0, import_row_1, projection, projection_position, projection_rebuild, parked_event,
     parked_by_rebuild
  to imports_projector;

-- They run as their owner, and one empties a table: for the query side alone.
grant execute on function empty_import_row(int), index_import_row(int) to imports_projector;

-- What databases have that come from PostgreSQL 14 or before: everybody could put a table before one of ours.
revoke create on schema public from public;

-- Whoever meets another timeline of the store notes it.
grant select, insert on store_timeline to imports_appender, imports_projector;
grant execute on function note_timeline(int, uuid) to imports_appender, imports_projector;

-- Auditors, dashboards, imports-tool. Hashes of keys are none of their business.
grant select
  on domain_event, snapshot, lease, import_view, import_row_0, import_row_1, projection, projection_position,
     projection_rebuild, parked_event, parked_by_rebuild, replay, store_timeline, parked_publication,
     publication_request
  to imports_reader;
