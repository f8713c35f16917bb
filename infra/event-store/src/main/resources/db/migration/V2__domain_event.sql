-- The only truth. Positions are 1..n without a gap, in the order of the commits.
create table domain_event (
  position        bigint      primary key constraint domain_event_position check (position > 0),
  aggregate_id    uuid        not null,
  sequence_number bigint      not null check (sequence_number >= 0),
  event_id        uuid        not null,
  event_type      text        not null,
  revision        int         not null,
  organization    uuid        not null,
  occurred_at     timestamptz not null,
  payload         json        not null,
  metadata        json        not null,
  -- Covers the event, its position and the hash before it (infra/docs/hash-chain.md).
  hash            bytea       not null constraint domain_event_hash check (octet_length(hash) = 32),
  -- An event is looked for by its place and never by its id, so there is no index of ids: it would be the dearest of all.
  constraint domain_event_sequence unique (aggregate_id, sequence_number)
);

-- 32 random bytes do not shrink: nothing is to be tried.
alter table domain_event alter column hash set storage plain;

-- A page that is full never changes again. So it is frozen soon, in small steps: while it is cached, and before the next
-- checkpoint, after which the write-ahead log would have it as a whole. It is not left until 200 million transactions have passed, together
-- with all others (infra/docs/decisions/0073-what-breaks-first-when-the-log-grows.md).
alter table domain_event set (
  autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000, autovacuum_freeze_min_age = 0,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 1000000);

-- An organization's feed, in order.
create index domain_event_organization on domain_event (organization, position);

-- Lists of the past go through an organization's imports in the order of their creation, backward: at the index's end,
-- where new entries come, its pages are filled.
create index domain_event_creation on domain_event (organization, occurred_at, aggregate_id desc)
  where sequence_number = 0;

-- Events are added and never changed: no UPDATE, no DELETE, no TRUNCATE for anybody.
grant select, insert on domain_event to imports_appender;
grant select on domain_event to imports_projector, imports_reader, imports_viewer;

alter table domain_event enable row level security;
create policy all_organizations on domain_event to imports_appender, imports_projector, imports_reader using (true);
create policy visible_organizations on domain_event for select to imports_viewer
  using (array_position((select visible_organizations()), organization) is not null);

-- What whoever sees some organizations only may know of the whole log: where it ends, and whether it still has an event.
create function domain_event_head() returns bigint
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  return coalesce((select "position" from public.domain_event order by "position" desc limit 1), 0);
end $$;
revoke execute on function domain_event_head() from public;
grant execute on function domain_event_head() to imports_viewer;

create function has_domain_event(at bigint, id uuid) returns boolean
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  return exists (select from public.domain_event where "position" = at and event_id = id);
end $$;
revoke execute on function has_domain_event(bigint, uuid) from public;
grant execute on function has_domain_event(bigint, uuid) to imports_viewer;
