-- The imports as GET answers them, in two tables: one for the live generation, the other for the next. The sequence number is
-- that of the last event that the row shows. Filters look for the minute of the last change: an update within that minute which
-- changes no other filter leaves all indexes alone (HOT), for which pages keep some room.
create table import_row_0 (
  id          uuid        primary key,
  org_id      uuid        not null,
  campaign_id uuid,
  source      text        not null,
  file_name   text,
  status      text        not null,
  total_rows  bigint      not null,
  created_at  timestamptz not null,
  updated_at  timestamptz not null,
  sequence    bigint      not null,
  updated_minute timestamp generated always as (date_trunc('minute', updated_at at time zone 'UTC')) stored
) with (fillfactor = 90);
create table import_row_1 (like import_row_0 including all) with (fillfactor = 90);

grant select, insert, update, delete on import_row_0, import_row_1 to imports_projector;
grant select on import_row_0, import_row_1 to imports_reader;

-- The same rows as requests see them: by way of a table that has a policy, and of which the table itself is the only
-- partition. Requests have no right on the table itself. It has no policy, because PostgreSQL refuses COPY into one that has.
create table visible_import_0 (like import_row_0 including generated) partition by list (id);
create table visible_import_1 (like import_row_1 including generated) partition by list (id);
alter table visible_import_0 attach partition import_row_0 default;
alter table visible_import_1 attach partition import_row_1 default;
alter table visible_import_0 enable row level security;
alter table visible_import_1 enable row level security;
create policy visible_organizations on visible_import_0 for select to imports_viewer
  using (array_position((select visible_organizations()), org_id) is not null);
create policy visible_organizations on visible_import_1 for select to imports_viewer
  using (array_position((select visible_organizations()), org_id) is not null);
grant select on visible_import_0, visible_import_1 to imports_viewer;

-- What follows runs as the owner of the tables: it takes nothing but the number of one of two tables, trusts no other
-- schema and no temporary table, and is nobody's unless it is granted.
create function import_row_name(slot int) returns text
  language plpgsql immutable set search_path = pg_catalog, public, pg_temp as $$
begin
  if slot is null or slot not in (0, 1) then
    raise exception using errcode = 'invalid_parameter_value', message = 'The read model has the tables 0 and 1 only';
  end if;
  return 'import_row_' || slot;
end $$;

-- Filling a table without its indexes and making them afterwards takes less than half the time.
create function empty_import_row(slot int) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  name text := public.import_row_name(slot);
  filter text;
begin
  execute pg_catalog.format('truncate public.%I', name);
  foreach filter in array array['list', 'status', 'campaign', 'source', 'updated'] loop
    execute pg_catalog.format('drop index if exists public.%I', name || '_' || filter);
  end loop;
end $$;
revoke execute on function empty_import_row(int) from public;
grant execute on function empty_import_row(int) to imports_projector;

-- Makes the first index that is missing, for each list and filter of the API, or else the statistics: a
-- table that was just filled has none, and PostgreSQL would take a page of a long list for a few rows and sort them all.
-- Says whether there was an index to make. Lists are the newest first and go backward: new rows come to the end of an
-- index, where its pages are filled.
create function index_import_row(slot int) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  name text := public.import_row_name(slot);
  filter text;
  columns text;
begin
  for filter, columns in
    values ('list', '(org_id, created_at, id desc)'),
           ('status', '(org_id, status, created_at, id desc)'),
           ('campaign', '(org_id, campaign_id, created_at, id desc) where campaign_id is not null'),
           ('source', '(org_id, source, created_at, id desc)'),
           ('updated', '(org_id, updated_minute)')
  loop
    if pg_catalog.to_regclass(pg_catalog.format('public.%I', name || '_' || filter)) is null then
      execute pg_catalog.format('create index %I on public.%I ', name || '_' || filter, name) || columns;
      return true;
    end if;
  end loop;
  execute pg_catalog.format('analyze public.%I', name);
  return false;
end $$;
revoke execute on function index_import_row(int) from public;
grant execute on function index_import_row(int) to imports_projector;

-- The live table has its five from the start; statistics of no row would be worse than none.
select index_import_row(0) from generate_series(1, 5);

insert into projection (name) values ('imports');
insert into projection_position (name, batch, position) select 'imports', batch, 0 from generate_series(1, 100) batch;
