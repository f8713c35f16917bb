-- Events that a projection could not take, and those of the same import that wait behind them (error is null).
-- Discarded ones stay, so that a rebuild leaves them out as well.
create table parked_event (
  projection   text        not null,
  position     bigint      not null,
  import_id    uuid        not null,
  organization uuid        not null,
  event_type   text        not null,
  error        text,
  attempts     int         not null default 1,
  parked_at    timestamptz not null default clock_timestamp(),
  discarded_at timestamptz,
  primary key (projection, position)
);
create index parked_event_import on parked_event (projection, import_id, position);
create index parked_event_waiting on parked_event (projection, organization) where discarded_at is null;

grant select, insert, update, delete on parked_event to imports_projector;
grant select on parked_event to imports_reader, imports_viewer;

alter table parked_event enable row level security;
create policy all_organizations on parked_event to imports_projector, imports_reader using (true);
create policy visible_organizations on parked_event for select to imports_viewer
  using (array_position((select visible_organizations()), organization) is not null);
