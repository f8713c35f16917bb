-- The read model has two tables: the live generation is in one, the other takes the next when it is built anew.
-- projection.generation is the pointer: table = generation % 2. During the comparison at the end of a rebuild every
-- batch is applied to shadow_generation as well, so that any snapshot shows both at one position.
alter table projection add column generation bigint not null default 0;
alter table projection add column shadow_generation bigint;

alter table import_view rename to import_row_0;
alter index import_view_pkey rename to import_row_0_pkey;
alter index import_view_list rename to import_row_0_list;
alter index import_view_status rename to import_row_0_status;
alter index import_view_campaign rename to import_row_0_campaign;
alter index import_view_source rename to import_row_0_source;
alter index import_view_updated rename to import_row_0_updated;

create table import_row_1 (
  id          uuid        primary key,
  org_id      uuid        not null,
  campaign_id uuid,
  source      text        not null,
  file_name   text,
  status      text        not null,
  total_rows  bigint      not null,
  created_at  timestamptz not null,
  updated_at  timestamptz not null
);

-- Filling a table without its indexes and making them afterwards takes less than half the time. Both functions run as
-- the owner of the tables, so that the service's own role need not be it.
create function empty_import_row(slot int) returns void
  language plpgsql security definer set search_path from current as $$
begin
  execute format('truncate import_row_%s', slot);
  execute format('drop index if exists import_row_%1$s_list, import_row_%1$s_status, import_row_%1$s_campaign,
                                       import_row_%1$s_source, import_row_%1$s_updated', slot);
end $$;

create function index_import_row(slot int, filter text) returns void
  language plpgsql security definer set search_path from current as $$
begin
  execute format('create index if not exists import_row_%1$s_%2$s on import_row_%1$s %3$s', slot, filter,
    case filter
      when 'list' then '(org_id, created_at desc, id)'
      when 'status' then '(org_id, status, created_at desc, id)'
      when 'campaign' then '(org_id, campaign_id, created_at desc, id) where campaign_id is not null'
      when 'source' then '(org_id, source, created_at desc, id)'
      when 'updated' then '(org_id, updated_at)'
    end);
end $$;

-- The live rows, for people and other programs. The service reads the tables: through the view PostgreSQL would sort
-- each list instead of walking an index.
create view import_view as
  select id, org_id, campaign_id, source, file_name, status, total_rows, created_at, updated_at from import_row_0
  where (select generation % 2 from projection where name = 'imports') = 0
  union all
  select id, org_id, campaign_id, source, file_name, status, total_rows, created_at, updated_at from import_row_1
  where (select generation % 2 from projection where name = 'imports') = 1;

-- Rows can be written through the view as they could when it was a table, for repairs and tests by hand.
create function write_import_view() returns trigger
  language plpgsql set search_path from current as $$
declare
  slot int := (select generation % 2 from projection where name = 'imports');
begin
  if tg_op <> 'INSERT' then
    execute format('delete from import_row_%s where id = $1', slot) using old.id;
  end if;
  if tg_op = 'DELETE' then
    return old;
  end if;
  execute format('insert into import_row_%s (id, org_id, campaign_id, source, file_name, status, total_rows, created_at,
                                             updated_at)
                  values ($1.id, $1.org_id, $1.campaign_id, $1.source, $1.file_name, $1.status, $1.total_rows,
                          $1.created_at, $1.updated_at)', slot) using new;
  return new;
end $$;
create trigger import_view_write instead of insert or update or delete on import_view
  for each row execute function write_import_view();

create table projection_rebuild (
  id          bigint generated always as identity primary key,
  state       text        not null default 'running' check (state in ('running', 'completed', 'failed', 'cancelled')),
  phase       text        not null default 'loading',
  generation  bigint      not null,
  -- Events up to here are loaded import by import, the later ones in their order.
  target      bigint      not null,
  last_import uuid,
  position    bigint      not null default 0,
  compared    uuid,
  events_done bigint      not null default 0,
  differences bigint      not null default 0,
  examples    json        not null default '[]',
  error       text,
  started_at  timestamptz not null default clock_timestamp(),
  loaded_at   timestamptz,
  finished_at timestamptz
);
create unique index projection_rebuild_running on projection_rebuild ((true)) where state = 'running';
