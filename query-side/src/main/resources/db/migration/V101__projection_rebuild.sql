create table projection_rebuild (
  id          bigint generated always as identity primary key,
  projection  text        not null,
  state       text        not null default 'running' check (state in ('running', 'completed', 'failed', 'cancelled')),
  phase       text        not null default 'loading',
  generation  bigint      not null,
  -- Events up to here are loaded import by import, the later ones in their order.
  target      bigint      not null,
  last_import uuid,
  position    bigint      not null default 0,
  -- Where the next comparison begins, as the projection puts it.
  compared    text,
  events_done bigint      not null default 0,
  differences bigint      not null default 0,
  examples    json        not null default '[]',
  error       text,
  started_at  timestamptz not null default clock_timestamp(),
  loaded_at   timestamptz,
  finished_at timestamptz
);
create unique index projection_rebuild_running on projection_rebuild (projection) where state = 'running';

-- Events that the generation that is being rebuilt could not take, and those that wait behind them. They count, in
-- parked_event, when it goes live; the next rebuild begins with none.
create table parked_by_rebuild (
  projection   text   not null,
  position     bigint not null,
  import_id    uuid   not null,
  organization uuid   not null,
  event_type   text   not null,
  error        text,
  primary key (projection, position)
);
create index parked_by_rebuild_import on parked_by_rebuild (projection, import_id);

grant select, insert, update, delete on projection_rebuild, parked_by_rebuild to imports_projector;
grant select on projection_rebuild, parked_by_rebuild to imports_reader;
