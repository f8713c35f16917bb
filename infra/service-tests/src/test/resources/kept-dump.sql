-- See KeptDump.
create table flyway_schema_history (
  installed_rank int           not null constraint flyway_schema_history_pk primary key,
  version        varchar(50),
  description    varchar(200)  not null,
  type           varchar(20)   not null,
  script         varchar(1000) not null,
  checksum       int,
  installed_by   varchar(100)  not null,
  installed_on   timestamp     not null default now(),
  execution_time int           not null,
  success        boolean       not null
);
create index flyway_schema_history_s_idx on flyway_schema_history (success);

-- V1__roles.sql
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

-- V2__domain_event.sql
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

-- V3__hash_chain.sql
-- Tamper evidence: each event's hash covers the event, its position and the hash before it
-- (infra/docs/hash-chain.md).

-- hash(n) = SHA-256(hash(n-1) || position, 8 bytes || digest of the event), hash(0) being 32 zero bytes.
-- PL/pgSQL keeps its plan for the whole session: about 1.3 µs a call, where SQL takes 2.
create function domain_event_link(hash bytea, previous bytea, "position" bigint, digest bytea)
returns bytea language plpgsql immutable parallel safe
as $$
begin
  return pg_catalog.sha256(coalesce(hash, previous) || pg_catalog.int8send("position") || digest);
end
$$;

-- The hashes of the rows of a window, linked in its order to the hash before the first.
create aggregate domain_event_chain(previous bytea, "position" bigint, digest bytea) (
  sfunc = domain_event_link,
  stype = bytea
);

-- The digest of an event, in the database's words; the service and the verifier each have their own.
create function domain_event_digest(event domain_event) returns bytea
language sql stable parallel safe
as $$
  select sha256('\x01'::bytea
    || uuid_send(event.aggregate_id)
    || int8send(event.sequence_number)
    || uuid_send(event.event_id)
    || int4send(octet_length(convert_to(event.event_type, 'UTF8')))
    || convert_to(event.event_type, 'UTF8')
    || int4send(event.revision)
    || uuid_send(event.organization)
    || int8send((extract(epoch from event.occurred_at) * 1000000)::bigint)
    || sha256(convert_to(event.payload::text, 'UTF8'))
    || sha256(convert_to(event.metadata::text, 'UTF8')))
$$;

-- V4__snapshot.sql
-- What an import was after its event with this sequence number, so that it need not be folded from the first.
create table snapshot (
  aggregate_id    uuid        primary key,
  sequence_number bigint      not null,
  snapshot_type   text        not null,
  revision        int         not null,
  occurred_at     timestamptz not null,
  payload         json        not null
);

grant select, insert, update, delete on snapshot to imports_appender;
grant select on snapshot to imports_projector, imports_reader;

-- V5__store_timeline.sql
-- The histories that this log has had. A failover that lost the last events, or a restore, begins another: positions
-- after the event that both share are then given again, to other events. Whoever was told of a position is told
-- by the number of its timeline whether it is still the same event.
create table store_timeline (
  number            int         primary key,
  -- Of the server, and of its write-ahead log: PostgreSQL counts a timeline for each promotion and recovery.
  system_identifier bigint      not null,
  wal_timeline      text        not null,
  -- The last event when it began: the last that it shares with the one before.
  begins_after      bigint      not null,
  noted_at          timestamptz not null default clock_timestamp()
);

insert into store_timeline (number, system_identifier, wal_timeline, begins_after)
select 1, system_identifier, substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8), 0 from pg_control_system();

-- Begins another timeline when the server is not the one that the last was noted on, or when the event that the caller has
-- seen at a position is gone; known is the highest number that it has heard of. Returns the number of the timeline that counts. To be called before
-- anything is appended on a new connection: whoever comes later would share more than it may.
create function note_timeline(known int, seen_position bigint, seen_event uuid) returns int
  language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
  last public.store_timeline;
  here bigint := (select system_identifier from pg_control_system());
  line text := substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8);
begin
  for attempt in 1..2 loop
    select * into strict last from public.store_timeline order by number desc limit 1;
    if last.system_identifier = here and last.wal_timeline = line
       and (last.number > known
            or last.number = known
               and (seen_event is null
                    or exists (select from public.domain_event
                               where "position" = seen_position and event_id = seen_event))) then
      return last.number;
    end if;
    -- The append's lock: nothing is stored meanwhile, and one node notes it for all.
    perform pg_advisory_xact_lock(4919131752989213764);
  end loop;
  -- Rows of this table may be lost as well: no number is given twice.
  insert into public.store_timeline (number, system_identifier, wal_timeline, begins_after)
  values (greatest(last.number, known) + 1, here, line,
          coalesce((select position from public.domain_event order by position desc limit 1), 0));
  return greatest(last.number, known) + 1;
end $$;
revoke execute on function note_timeline(int, bigint, uuid) from public;

-- Whoever meets another timeline of the store notes it.
grant select, insert on store_timeline to imports_appender, imports_projector;
grant execute on function note_timeline(int, bigint, uuid) to imports_appender, imports_projector;
-- What reads of a replica compare.
grant select on store_timeline to imports_reader, imports_viewer;

-- V6__idempotency_key.sql
-- The first answers of requests that may be sent again, by their keys. The append writes them under its lock together with the events
-- that they are about, so that no key is there twice within 24 hours. A day has one of three partitions, in turn: today, yesterday,
-- and the one that is emptied before tomorrow. So a partition is never missing, and none has to be made.
create table idempotency_key (
  slot         smallint    not null,
  kept_at      timestamptz not null,
  organization uuid        not null,
  key          text        not null collate "C",
  -- Of the request, so that another one under the same key is told apart.
  digest       bytea       not null check (octet_length(digest) = 32),
  -- Of the append that wrote it: one whose answer was lost finds itself.
  attempt      uuid        not null,
  answer       text        not null,
  primary key (organization, key, kept_at, slot)
) partition by list (slot);

create table idempotency_key_0 partition of idempotency_key for values in (0);
create table idempotency_key_1 partition of idempotency_key for values in (1);
create table idempotency_key_2 partition of idempotency_key for values in (2);

-- Whether a partition has a row that still counts, in a few kilobytes.
create index on idempotency_key using brin (kept_at) with (autosummarize = on);

-- Answers tell what events tell, and a key is a secret of its client: nobody reads them but the append. Nobody changes them.
grant select, insert on idempotency_key to imports_appender;

create function idempotency_key_slot(kept_at timestamptz) returns smallint
  language sql stable parallel safe
  return (floor(extract(epoch from kept_at) / 86400)::bigint % 3)::smallint;

-- Empties the partition that tomorrow writes to, if all that it has is older than 24 hours. It looks while others append, then waits for
-- its turn as an append does, and then for nobody: nothing is added to the partition before tomorrow. When no node did so in time, its
-- rows are beside newer ones; they are deleted, 20,000 of each partition at once, when they are older than 48 hours. False when somebody
-- reads the partition, tomorrow came meanwhile, or there may be more to delete, so that it is to be tried again.
create function empty_idempotency_keys() returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  slot smallint := public.idempotency_key_slot(clock_timestamp() + interval '24 hours');
  name text := 'idempotency_key_' || slot;
  is_over boolean;
  deleted bigint;
  is_done boolean := true;
begin
  perform set_config('lock_timeout', '1s', true);
  -- A value lets the index be used, and a volatile function would not.
  execute pg_catalog.format(
    'select exists (select from public.%1$I) and not exists (select from public.%1$I where kept_at > $1)', name)
    into is_over using clock_timestamp() - interval '24 hours';
  if not is_over then
    for part in 0..2 loop
      execute pg_catalog.format(
        'delete from public.%1$I where ctid = any (array(select ctid from public.%1$I where kept_at < $1 limit 20000))',
        'idempotency_key_' || part) using clock_timestamp() - interval '48 hours';
      get diagnostics deleted = row_count;
      is_done := is_done and deleted < 20000;
    end loop;
    return is_done;
  end if;
  perform pg_advisory_xact_lock(4919131752989213764);
  if slot <> public.idempotency_key_slot(clock_timestamp() + interval '24 hours') then return false; end if;
  execute pg_catalog.format('lock table public.%I in access exclusive mode nowait', name);
  execute pg_catalog.format('truncate public.%I', name);
  return true;
exception
  when lock_not_available then return false;
end $$;
revoke execute on function empty_idempotency_keys() from public;
grant execute on function empty_idempotency_keys() to imports_appender;

-- V7__verification.sql
-- What imports-tool noted when it had verified the store or signed a checkpoint: so that operators see when it was done
-- last, and by whom. It is no proof: whoever can change the store's past can change this. The proof is a checkpoint that is
-- kept elsewhere (infra/docs/hash-chain.md).
create table verification (
  id            bigint      generated always as identity primary key,
  noted_at      timestamptz not null default clock_timestamp(),
  login         text        not null default session_user,
  kind          text        not null check (kind in ('verify', 'checkpoint')),
  -- The events that were read: from this one up to and including the other.
  from_position bigint      not null,
  position      bigint      not null,
  hash          bytea       not null check (octet_length(hash) = 32),
  -- Whether the read model and the snapshots were held against the events as well.
  compared      boolean     not null,
  findings      int         not null,
  first_finding text,
  -- Of a checkpoint: by what the next one names it, and the SHA-256 of the public key.
  checkpoint    text        check (checkpoint ~ '^[0-9a-f]{64}$'),
  key           text        check (key ~ '^[0-9a-f]{64}$'),
  check ((checkpoint is null) = (key is null))
);

-- Rows are only added, and nobody but the owner says when it was or who it was.
grant select on verification to imports_projector, imports_appender, imports_reader;
grant insert (kind, from_position, position, hash, compared, findings, first_finding, checkpoint, key) on verification
  to imports_reader;

-- V100__projection.sql
-- Which of its two tables is live: table = generation % 2; the other takes the next generation when it is rebuilt.
-- During the comparison at the end of a rebuild every batch is applied to shadow_generation as well, so that any snapshot
-- shows both at one position. The row is the lock of whoever applies the next batch.
create table projection (
  name              text   primary key,
  generation        bigint not null default 0,
  shadow_generation bigint
);

-- How far a projection is, with the id of that event, so that a store that went back is noticed: a row for each batch, of
-- which the last counts. A row that is updated with each batch and read by every request grows a chain of dead versions
-- beside an open snapshot; nothing is dead at the right edge of an index. A projection begins with a hundred rows, as
-- many as are kept: a table of one row PostgreSQL would plan to read from end to end, and keep that plan.
create table projection_position (
  name     text   not null,
  batch    bigint not null,
  position bigint not null,
  event_id uuid,
  -- Who moved it, for operators alone.
  node     text,
  primary key (name, batch)
);

grant select, insert, update, delete on projection, projection_position to imports_projector;
grant select on projection, projection_position to imports_reader, imports_viewer;

-- V101__projection_rebuild.sql
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

-- V102__parked_event.sql
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

-- V103__look_at_organizations.sql
-- How far a projection is, with the last event of each organization and how many of its events are parked: from one snapshot,
-- since a stable function has that of the statement that calls it. held says whether the store has the event that the
-- projection met at its position. The plan is pinned: PostgreSQL would read all of a table while it is small, and go on
-- with that plan while it grows.
create function look_at_organizations(of_projection text, organizations uuid[])
  returns table (projected bigint, held boolean, generation bigint, organization uuid, last bigint, parked bigint)
  language plpgsql stable set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
#variable_conflict use_column
begin
  return query
  with at as materialized (
    select position, event_id is null or public.has_domain_event(p.position, p.event_id) as held
    from (select position, event_id from public.projection_position where name = of_projection order by batch desc limit 1) p
  )
  select at.position, at.held, r.generation, o.id,
         coalesce((select position from public.domain_event where organization = o.id order by position desc limit 1), 0),
         (select count(*) from public.parked_event
          where projection = of_projection and organization = o.id and discarded_at is null)
  from at, public.projection r, unnest(organizations) o (id)
  where r.name = of_projection;
end $$;

-- V110__import_row.sql
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

-- V111__import_view.sql
-- The live rows, for people and other programs. The service reads the tables: through the view PostgreSQL would sort
-- each list instead of walking an index.
create view import_view with (security_invoker = true) as
  select id, org_id, campaign_id, source, file_name, status, total_rows, created_at, updated_at
  from import_row_0 where (select generation % 2 from projection where name = 'imports') = 0
  union all
  select id, org_id, campaign_id, source, file_name, status, total_rows, created_at, updated_at
  from import_row_1 where (select generation % 2 from projection where name = 'imports') = 1;

-- Rows can be written through it, for repairs and tests by hand. They get the sequence number of their import's last event.
create function write_import_view() returns trigger
  language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
  live text := public.import_row_name((select generation % 2 from public.projection where name = 'imports')::int);
begin
  if tg_op <> 'INSERT' then
    execute pg_catalog.format('delete from public.%I where id = $1', live) using old.id;
  end if;
  if tg_op = 'DELETE' then
    return old;
  end if;
  execute pg_catalog.format(
    'insert into public.%I (id, org_id, campaign_id, source, file_name, status, total_rows, created_at, updated_at, sequence)
     select ($1).*, coalesce((select max(sequence_number) from public.domain_event where aggregate_id = ($1).id), 0)',
    live) using new;
  return new;
end $$;
create trigger import_view_write instead of insert or update or delete on import_view
  for each row execute function write_import_view();

grant select, insert, update, delete on import_view to imports_projector;
grant select on import_view to imports_reader;

-- V112__look_at_imports.sql
-- Rows of imports and, from the same snapshot, how far the projection is, which of them have events that the rows do not show
-- yet (with the position of the last one), and which have a parked event. The plan is pinned, as that of
-- look_at_organizations. Requests of several organizations share
-- a look: it tells of which each event is. There is one row without an import when no row is found.
do $each$
declare
  slot text;
begin
  foreach slot in array array['0', '1'] loop
    execute pg_catalog.replace($sql$
      create function look_at_imports_N(ids uuid[])
        returns table (projected bigint, held boolean, generation bigint, late uuid[], late_of uuid[], late_to bigint[],
          blocked uuid[],
          id uuid, org_id uuid, campaign_id uuid, source text, file_name text, status text, total_rows bigint,
          created_at timestamptz, updated_at timestamptz, sequence bigint)
        language plpgsql stable set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan
        set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
      #variable_conflict use_column
      declare
        head bigint;
      begin
        select position, event_id is null or public.has_domain_event(p.position, p.event_id), r.generation, public.domain_event_head(),
               (select array_agg(distinct import_id) from public.parked_event
                where projection = 'imports' and import_id = any (ids) and discarded_at is null)
        into projected, held, generation, head, blocked
        from (select position, event_id from public.projection_position where name = 'imports' order by batch desc limit 1) p,
             public.projection r
        where r.name = 'imports';
        -- A few events are looked through once for all imports. When the projection is far behind, each import is looked up.
        if head > projected + 256 then
          select array_agg(i), array_agg(organization), array_agg(last) into late, late_of, late_to
          from unnest(ids) i, lateral (select organization, position as last from public.domain_event where aggregate_id = i
                                       order by sequence_number desc limit 1) e
          where last > projected;
        elsif head > projected then
          select array_agg(aggregate_id order by position), array_agg(organization order by position),
                 array_agg(position order by position)
          into late, late_of, late_to
          from public.domain_event where position > projected and aggregate_id = any (ids);
        end if;
        return query
        select projected, held, generation, late, late_of, late_to, blocked, v.id, v.org_id, v.campaign_id, v.source,
               v.file_name, v.status, v.total_rows, v.created_at, v.updated_at, v.sequence
        from (select) one left join public.visible_import_N v on v.id = any (ids);
      end $$
      $sql$, '_N', '_' || slot);
  end loop;
end $each$;

-- V150__summary.sql
-- What the summary of an organization is added up from, in two sets of tables as the imports are: one for the live
-- generation, the other for the next. What an import counts as now:
create table summary_import_0 (
  id           uuid   primary key,
  organization uuid   not null,
  status       text   not null,
  source       text   not null,
  campaign_id  uuid,
  total_rows   bigint not null
);
create table summary_import_1 (like summary_import_0 including all);

-- What is counted apart: the imports that there are (day is null), and what happened on a day. The id is a hash of the
-- rest, so that whoever counts needs not look it up.
create table summary_cell_0 (
  id           uuid primary key,
  organization uuid not null,
  status       text not null,
  source       text not null,
  campaign_id  uuid,
  day          date
);
create index summary_cell_0_day on summary_cell_0 (organization, day);
create index summary_cell_0_campaign on summary_cell_0 (organization, campaign_id, day) where campaign_id is not null;
create table summary_cell_1 (like summary_cell_0);
alter table summary_cell_1 add primary key (id);
create index summary_cell_1_day on summary_cell_1 (organization, day);
create index summary_cell_1_campaign on summary_cell_1 (organization, campaign_id, day) where campaign_id is not null;

-- How much that is: a row for each change, of which the last counts. As with projection_position it is inserted and read
-- backward, so that no snapshot that is held open makes a look longer.
create table summary_count_0 (
  cell         uuid    not null,
  version      bigint  not null,
  imports      bigint  not null,
  total_rows   numeric not null,
  created      bigint  not null,
  completed    bigint  not null,
  failed       bigint  not null,
  -- Of the cell, for the policy.
  organization uuid    not null,
  primary key (cell, version)
);
create table summary_count_1 (like summary_count_0 including all);

grant select, insert, update, delete on summary_import_0, summary_import_1, summary_cell_0, summary_cell_1,
  summary_count_0, summary_count_1 to imports_projector;
grant select on summary_import_0, summary_import_1, summary_cell_0, summary_cell_1, summary_count_0, summary_count_1
  to imports_reader;

-- What requests read of it.
grant select on summary_cell_0, summary_cell_1, summary_count_0, summary_count_1 to imports_viewer;
do $each$
declare
  name text;
begin
  foreach name in array array['summary_cell_0', 'summary_cell_1', 'summary_count_0', 'summary_count_1'] loop
    execute pg_catalog.format('alter table %I enable row level security', name);
    execute pg_catalog.format(
      'create policy all_organizations on %I to imports_projector, imports_reader using (true)', name);
    execute pg_catalog.format(
      'create policy visible_organizations on %I for select to imports_viewer
       using (array_position((select visible_organizations()), organization) is not null)', name);
  end loop;
end $each$;

-- The functions of both sets differ by their number only. Their plans are pinned: of a small table PostgreSQL would rather
-- read all, with every dead version, and keep that plan. What a batch adds is planned once: planning cost more than adding.
do $each$
declare
  slot text;
begin
  foreach slot in array array['0', '1'] loop
    -- What the counts of a cell gain, each cell once. With a cell of a new day some of those that nobody is shown any more
    -- are forgotten.
    execute pg_catalog.replace($sql$
      create function add_to_summary_N(cells uuid[], organizations uuid[], statuses text[], sources text[],
        campaigns uuid[], days date[], imports bigint[], total_rows numeric[], created bigint[], completed bigint[],
        failed bigint[], forgotten date) returns void
        language plpgsql set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan
        set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
      #variable_conflict use_column
      begin
        with fresh as (
          insert into public.summary_cell_N
          select * from unnest(cells, organizations, statuses, sources, campaigns, days)
          on conflict (id) do nothing
          returning organization, day
        ), old as (
          delete from public.summary_cell_N where id in (
            select c.id from (select distinct organization from fresh where day is not null) f
            cross join lateral (
              select id from public.summary_cell_N where organization = f.organization and day < forgotten limit 1000
            ) c)
          returning id
        )
        delete from public.summary_count_N n using old where n.cell = old.id;

        with counted as (
          select g.cell, g.organization, n.version, coalesce(n.imports, 0) + g.imports as imports,
                 coalesce(n.total_rows, 0) + g.total_rows as total_rows, coalesce(n.created, 0) + g.created as created,
                 coalesce(n.completed, 0) + g.completed as completed, coalesce(n.failed, 0) + g.failed as failed
          from unnest(cells, organizations, imports, total_rows, created, completed, failed)
               g (cell, organization, imports, total_rows, created, completed, failed)
          left join lateral (
            select * from public.summary_count_N where cell = g.cell order by version desc limit 1
          ) n on true
        ), superseded as (
          delete from public.summary_count_N n using counted
          where n.cell = counted.cell and n.version = counted.version
        )
        insert into public.summary_count_N
        select cell, coalesce(version, 0) + 1, imports, total_rows, created, completed, failed, organization from counted;
      end $$
      $sql$, '_N', '_' || slot);

    -- What there is of an organization now, and what happened since a day; null does not restrict.
    execute pg_catalog.replace($sql$
      create function summary_N(of_organization uuid, of_status text, of_source text, of_campaign uuid, since date)
        returns table (status text, source text, campaign_id uuid, day date, imports bigint, total_rows numeric,
          created bigint, completed bigint, failed bigint)
        language plpgsql stable set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_custom_plan
        set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
      #variable_conflict use_column
      begin
        return query
        select c.status, c.source, c.campaign_id, c.day, n.imports, n.total_rows, n.created, n.completed, n.failed
        from (
          select * from public.summary_cell_N where organization = of_organization and day is null
          and (of_status is null or status = of_status) and (of_source is null or source = of_source)
          and (of_campaign is null or campaign_id = of_campaign)
          union all
          select * from public.summary_cell_N where organization = of_organization and day >= since
          and (of_status is null or status = of_status) and (of_source is null or source = of_source)
          and (of_campaign is null or campaign_id = of_campaign)
        ) c
        cross join lateral (
          select * from public.summary_count_N where cell = c.id order by version desc limit 1
        ) n;
      end $$
      $sql$, '_N', '_' || slot);
  end loop;
end $each$;

-- What follows runs as the owner of the tables, and is shut as its like for the imports is.
create function empty_summary(slot int) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if slot is null or slot not in (0, 1) then
    raise exception using errcode = 'invalid_parameter_value', message = 'The summary has the tables 0 and 1 only';
  end if;
  execute pg_catalog.format('truncate public.summary_import_%1$s, public.summary_cell_%1$s, public.summary_count_%1$s', slot);
end $$;
revoke execute on function empty_summary(int) from public;
grant execute on function empty_summary(int) to imports_projector;

create function analyze_summary(slot int) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if slot is null or slot not in (0, 1) then
    raise exception using errcode = 'invalid_parameter_value', message = 'The summary has the tables 0 and 1 only';
  end if;
  execute pg_catalog.format('analyze public.summary_import_%1$s, public.summary_cell_%1$s, public.summary_count_%1$s', slot);
end $$;
revoke execute on function analyze_summary(int) from public;
grant execute on function analyze_summary(int) to imports_projector;

insert into projection (name) values ('summary');
insert into projection_position (name, batch, position) select 'summary', batch, 0 from generate_series(1, 100) batch;

-- V200__api_key.sql
-- Keys of organizations. The key itself is nowhere: its id finds the row, and its SHA-256 has to be one of these two.
create table api_key (
  id               text        primary key check (id ~ '^[0-9A-Za-z]{12}$'),
  secret_hash      bytea       not null check (length(secret_hash) = 32),
  -- The key before the last rotation, which works until then.
  previous_hash    bytea       check (length(previous_hash) = 32),
  previous_until   timestamptz,
  organization     uuid        not null,
  name             text        not null check (length(name) between 1 and 255),
  -- The scope operator is given by configuration only.
  scopes           text[]      not null check (cardinality(scopes) > 0
                                 and scopes <@ array['imports:read', 'imports:write', 'imports:audit', 'admin']),
  -- From where it may be used; from everywhere when there are none.
  allowed_networks cidr[]      not null default '{}',
  created_at       timestamptz not null default clock_timestamp(),
  expires_at       timestamptz,
  -- To the hour.
  last_used_at     timestamptz,
  revoked_at       timestamptz,
  check ((previous_hash is null) = (previous_until is null))
);
create index api_key_organization on api_key (organization, created_at, id) where revoked_at is null;

-- Whoever answers requests looks keys up and notes their use. The command side makes, rotates and revokes them, and
-- nobody but the owner changes what one allows.
grant select, insert, update (secret_hash, previous_hash, previous_until, last_used_at, revoked_at) on api_key
  to imports_appender;
grant select, update (last_used_at) on api_key to imports_projector;

-- V201__audit.sql
-- Who did what: written before an action begins, so that none is done without it.
create table audit_entry (
  id           bigint      generated always as identity primary key,
  occurred_at  timestamptz not null default clock_timestamp(),
  -- Of the actor's credential; of the key where an operator changed one in the database.
  organization uuid        not null,
  actor        text        not null,
  actor_kind   text        not null check (actor_kind in ('key', 'token', 'login')),
  -- Of the key in the database that let the actor in.
  key_id       text,
  request_id   text,
  action       text        not null,
  target       text        not null
);
create index audit_entry_organization on audit_entry (organization, id);

-- How it ended. Without a row here nobody knows: the node died, or could not write it down.
create table audit_outcome (
  entry_id bigint      primary key references audit_entry,
  outcome  text        not null check (outcome in ('done', 'refused', 'failed', 'unknown')),
  reason   text,
  ended_at timestamptz not null default clock_timestamp()
);

-- Nobody but the owner changes or removes any of it, or says when it was or in what order.
grant select on audit_entry, audit_outcome to imports_appender, imports_projector;
grant insert (organization, actor, actor_kind, key_id, request_id, action, target)
  on audit_entry to imports_appender, imports_projector;
grant insert (entry_id, outcome, reason) on audit_outcome to imports_appender, imports_projector;
grant select on audit_entry, audit_outcome to imports_reader;

-- V202__request_quota.sql
-- How many requests callers and organizations have left, when the nodes count them together. It need not survive a
-- crash: then all of them have all again. Nothing waits for its flush.
create unlogged table request_quota (
  id         text             primary key,
  -- The limit: so many requests, of which so many come back in a second.
  most       bigint           not null,
  per_second double precision not null,
  -- What the last draw brought, what it left, and when.
  brought    bigint           not null,
  remaining  double precision not null,
  drawn_at   timestamptz      not null
) with (fillfactor = 50);

grant select, insert, update, delete on request_quota to imports_appender, imports_projector;
grant select on request_quota to imports_reader;

-- V203__store_name.sql
-- Which store this is, where organizations are placed on several (imports.placement.store). The first node that is told says it; from
-- then on a node that is told another name, or none, does not serve.
create table store_name (
  is_only  boolean     primary key default true check (is_only),
  name     text        not null,
  noted_at timestamptz not null default clock_timestamp()
);

grant select, insert on store_name to imports_appender, imports_projector;
grant select on store_name to imports_reader;

-- V300__lease.sql
-- Whose turn it is to do what only one node should do, on this database's clock.
create table lease (
  name       text        primary key,
  holder     uuid        not null,
  expires_at timestamptz not null,
  -- how far events were published when the lease was last renewed, for metrics alone
  published  bigint,
  -- the holder's name, and how many partitions the topics have, for operators alone
  node       text,
  partitions int
);

grant select, insert, update, delete on lease to imports_appender;
grant select on lease to imports_reader;

-- V301__replay.sql
-- Private replays that operators asked for: whichever node holds the lease publishes, on this database's clock. What is
-- committed to Kafka but not noted here is read back from the target.
create table replay (
  id                uuid        primary key default gen_random_uuid(),
  state             text        not null default 'running' check (state in ('running', 'completed', 'failed', 'cancelled')),
  target            text        not null,
  dry_run           boolean     not null,
  from_position     bigint      not null,
  to_position       bigint      not null,
  from_time         timestamptz,
  to_time           timestamptz,
  organization      uuid,
  event_type        text,
  import_id         uuid,
  events_per_second int         not null,
  -- Everything up to here was looked at.
  position          bigint      not null,
  -- So many were selected by then, and published unless it is a dry run.
  events            bigint      not null default 0,
  -- Of the target when the first event was published.
  partitions        int,
  error             text,
  holder            uuid,
  leased_until      timestamptz,
  started_at        timestamptz not null default clock_timestamp(),
  finished_at       timestamptz
);
create unique index replay_target on replay (target) where state = 'running' and not dry_run;

grant select, insert, update on replay to imports_appender;
grant select on replay to imports_reader;

-- V302__parked_publication.sql
-- For operators: what the record in the topic imports.relay says of events that could not be published. The relay
-- writes it anew from that record, which is the truth, whenever it begins and whenever the record changes.
create table parked_publication (
  position     bigint      primary key,
  import_id    uuid        not null,
  -- Why it could not be published; null while its import is being published from here on.
  error        text,
  attempts     int         not null,
  parked_at    timestamptz not null,
  discarded_at timestamptz
);
create index parked_publication_import on parked_publication (import_id);

-- What operators asked for: done by whichever node publishes, and kept, so that it is known who decided what.
create table publication_request (
  id           bigint      generated always as identity primary key,
  position     bigint      not null,
  discard      boolean     not null,
  requested_by text        not null,
  requested_at timestamptz not null default clock_timestamp(),
  taken_at     timestamptz,
  finished_at  timestamptz,
  -- How many events were published then.
  applied      bigint,
  -- Why it was not done.
  refused      text
);
create index publication_request_open on publication_request (id) where finished_at is null;

grant select, insert, update, delete on parked_publication, publication_request to imports_appender;
grant select on parked_publication, publication_request to imports_reader;

truncate api_key cascade;
insert into api_key (id, secret_hash, previous_hash, previous_until, organization, name, scopes, allowed_networks, created_at, expires_at, last_used_at, revoked_at) overriding system value
select id, secret_hash, previous_hash, previous_until, organization, name, scopes, allowed_networks, created_at, expires_at, last_used_at, revoked_at from json_populate_recordset(null::api_key, $rows$[{"id":"KeptForTests","secret_hash":"\\x24122699206bccb4b5c44b70eb85aa74b2eb8dd6edad2a83b93ee1028e31a636","previous_hash":null,"previous_until":null,"organization":"123e4567-e89b-12d3-a456-426614174000","name":"kept","scopes":["imports:read"],"allowed_networks":[],"created_at":"2026-11-28T00:19:30.624748+00:00","expires_at":null,"last_used_at":null,"revoked_at":null}]$rows$);

truncate audit_entry cascade;
insert into audit_entry (id, occurred_at, organization, actor, actor_kind, key_id, request_id, action, target) overriding system value
select id, occurred_at, organization, actor, actor_kind, key_id, request_id, action, target from json_populate_recordset(null::audit_entry, $rows$[{"id":1,"occurred_at":"2026-11-28T00:19:32.936283+00:00","organization":"123e4567-e89b-12d3-a456-426614174000","actor":"key 6","actor_kind":"key","key_id":null,"request_id":"adf86067-3bfa-4ee8-8efc-54ffb897bdff","action":"parked.retry","target":"publication/9"}, 
 {"id":2,"occurred_at":"2026-11-28T00:19:33.245029+00:00","organization":"123e4567-e89b-12d3-a456-426614174000","actor":"key 6","actor_kind":"key","key_id":null,"request_id":"7265ae47-ac79-4d0e-8b93-b5c6cf049231","action":"replay.start","target":"imports.replay.kept"}, 
 {"id":3,"occurred_at":"2026-11-28T00:19:33.301461+00:00","organization":"123e4567-e89b-12d3-a456-426614174000","actor":"key 6","actor_kind":"key","key_id":null,"request_id":"568cd8ff-5ab8-452e-98d6-2354fd51ad88","action":"rebuild.start","target":"imports"}, 
 {"id":4,"occurred_at":"2026-11-28T00:19:33.622896+00:00","organization":"123e4567-e89b-12d3-a456-426614174000","actor":"key 6","actor_kind":"key","key_id":null,"request_id":"33052aa6-ef5a-42cf-bbac-28daf93ddbe6","action":"rebuild.start","target":"imports"}]$rows$);

truncate audit_outcome cascade;
insert into audit_outcome (entry_id, outcome, reason, ended_at) overriding system value
select entry_id, outcome, reason, ended_at from json_populate_recordset(null::audit_outcome, $rows$[{"entry_id":1,"outcome":"done","reason":null,"ended_at":"2026-11-28T00:19:33.220215+00:00"}, 
 {"entry_id":2,"outcome":"done","reason":null,"ended_at":"2026-11-28T00:19:33.260501+00:00"}, 
 {"entry_id":3,"outcome":"done","reason":null,"ended_at":"2026-11-28T00:19:33.328659+00:00"}, 
 {"entry_id":4,"outcome":"done","reason":null,"ended_at":"2026-11-28T00:19:33.639691+00:00"}]$rows$);

truncate domain_event cascade;
insert into domain_event ("position", aggregate_id, sequence_number, event_id, event_type, revision, organization, occurred_at, payload, metadata, hash) overriding system value
select "position", aggregate_id, sequence_number, event_id, event_type, revision, organization, occurred_at, payload, metadata, hash from json_populate_recordset(null::domain_event, $rows$[{"position":1,"aggregate_id":"01a21f85-757b-7c5a-a4cb-b409cb9f2682","sequence_number":0,"event_id":"01a21f85-7590-7afa-adb0-0541dca362ae","event_type":"ImportCreated","revision":1,"organization":"123e4567-e89b-12d3-a456-426614174000","occurred_at":"2026-11-28T00:19:29.789164+00:00","payload":{"import_id":"01a21f85-757b-7c5a-a4cb-b409cb9f2682","org_id":"123e4567-e89b-12d3-a456-426614174000","campaign_id":"8d0f7780-8536-51ef-a948-f18ad2a01bf8","source":"csv_“é”","source_label":"CSV “é”","file_name":"a.csv","status":"pending","total_rows":0,"occurred_at":"2026-11-28T00:19:29.789164Z"},"metadata":{"actor":"key 0","actor_kind":"key","request_id":"6ef2677f-47ba-4b2b-a137-cfae5281c051","traceparent":"00-e8e928b43fd618a413f7c1231ee7da9a-64581f6f8a0c100d-00"},"hash":"\\x918120b30651c6cb2d14fe7a19e3ce3b155c96191d5f69629f39e36bcc11ed75"}, 
 {"position":2,"aggregate_id":"01a21f85-757b-7c5a-a4cb-b409cb9f2682","sequence_number":1,"event_id":"01a21f85-76ee-7e95-ab88-8c097fab547e","event_type":"ImportStatusChanged","revision":1,"organization":"123e4567-e89b-12d3-a456-426614174000","occurred_at":"2026-11-28T00:19:30.136742+00:00","payload":{"import_id":"01a21f85-757b-7c5a-a4cb-b409cb9f2682","org_id":"123e4567-e89b-12d3-a456-426614174000","from":"pending","to":"processing","occurred_at":"2026-11-28T00:19:30.136742Z"},"metadata":{"actor":"key 0","actor_kind":"key","request_id":"f850b3d9-0bb9-4edc-9074-beaf19adf6de","traceparent":"00-38ae3150426d009727b92c8451f79752-074b9be5f674860f-00"},"hash":"\\x1ae53143809709dd0037742cdb8d49d1ac7c7c0b6162cde442e71b0549d6fd94"}, 
 {"position":3,"aggregate_id":"01a21f85-757b-7c5a-a4cb-b409cb9f2682","sequence_number":2,"event_id":"01a21f85-773b-7459-a836-e1af770dc534","event_type":"ImportCampaignUnlinked","revision":1,"organization":"123e4567-e89b-12d3-a456-426614174000","occurred_at":"2026-11-28T00:19:30.233505+00:00","payload":{"import_id":"01a21f85-757b-7c5a-a4cb-b409cb9f2682","org_id":"123e4567-e89b-12d3-a456-426614174000","campaign_id":"8d0f7780-8536-51ef-a948-f18ad2a01bf8","occurred_at":"2026-11-28T00:19:30.233505Z"},"metadata":{"actor":"key 0","actor_kind":"key","request_id":"bec9b672-f99c-4766-97b1-d6bb10cead2f","traceparent":"00-54faf4356be8e6c6476c41f229e2bb67-6155125acc5a286d-00"},"hash":"\\x164c89a9363521167b17e66200a4562a4f73162ebba2dc61a6ff7eb8bc961068"}, 
 {"position":4,"aggregate_id":"01a21f85-757b-7c5a-a4cb-b409cb9f2682","sequence_number":3,"event_id":"01a21f85-77c1-7faf-aa89-d17464503a38","event_type":"ImportDetailsChanged","revision":1,"organization":"123e4567-e89b-12d3-a456-426614174000","occurred_at":"2026-11-28T00:19:30.368655+00:00","payload":{"import_id":"01a21f85-757b-7c5a-a4cb-b409cb9f2682","org_id":"123e4567-e89b-12d3-a456-426614174000","source":"csv_“é”","source_label":null,"file_name":"a.csv","total_rows":7,"occurred_at":"2026-11-28T00:19:30.368655Z"},"metadata":{"actor":"key 0","actor_kind":"key","request_id":"1eb4b011-0144-422d-9933-6eb36a900eff","traceparent":"00-e4075c915e13402872d0fe72d24b8fce-77b92998b11af80f-00"},"hash":"\\x83d0fe428bca1ee85270e1a2a1703a1ef46a58f10ed85e8d58b416fb6a213307"}, 
 {"position":5,"aggregate_id":"01a21f85-757b-7c5a-a4cb-b409cb9f2682","sequence_number":4,"event_id":"01a21f85-7823-79eb-b4f9-b789741852a3","event_type":"ImportStatusChanged","revision":1,"organization":"123e4567-e89b-12d3-a456-426614174000","occurred_at":"2026-11-28T00:19:30.461654+00:00","payload":{"import_id":"01a21f85-757b-7c5a-a4cb-b409cb9f2682","org_id":"123e4567-e89b-12d3-a456-426614174000","from":"processing","to":"completed","occurred_at":"2026-11-28T00:19:30.461654Z"},"metadata":{"actor":"key 0","actor_kind":"key","request_id":"0e02f061-ee4a-4b71-bd92-61d2b30e82b9","traceparent":"00-4c012e7e00bb0969506e7da65fbef468-7fafbf8c653e3519-00"},"hash":"\\x43e87b7c807fb3a2f420b9cb2556e26391d1cac8131614238352cba91336b061"}, 
 {"position":6,"aggregate_id":"01a21f85-783b-7d69-b36b-b0154a5e38f9","sequence_number":0,"event_id":"01a21f85-783b-7d0d-836d-b3562bff8c8c","event_type":"ImportCreated","revision":1,"organization":"123e4567-e89b-12d3-a456-426614174000","occurred_at":"2026-11-28T00:19:30.491457+00:00","payload":{"import_id":"01a21f85-783b-7d69-b36b-b0154a5e38f9","org_id":"123e4567-e89b-12d3-a456-426614174000","campaign_id":null,"source":"hubspot","source_label":"hubspot","file_name":null,"status":"pending","total_rows":0,"occurred_at":"2026-11-28T00:19:30.491457Z"},"metadata":{"actor":"key 0","actor_kind":"key","request_id":"64f1c59a-9198-4c15-b9f4-99b53b6ee4dc","traceparent":"00-05fe167fa5d8e89c3eeb68bfb090fc7a-086a885c6c664c89-00"},"hash":"\\x8b2b16b61655f55be2e59b97000ee39fa6e83652db49362c2df9437fa7044544"}, 
 {"position":7,"aggregate_id":"01a21f85-783b-7d69-b36b-b0154a5e38f9","sequence_number":1,"event_id":"01a21f85-7859-7707-ad9a-66b519e8a904","event_type":"ImportDeleted","revision":1,"organization":"123e4567-e89b-12d3-a456-426614174000","occurred_at":"2026-11-28T00:19:30.520253+00:00","payload":{"import_id":"01a21f85-783b-7d69-b36b-b0154a5e38f9","org_id":"123e4567-e89b-12d3-a456-426614174000","occurred_at":"2026-11-28T00:19:30.520253Z"},"metadata":{"actor":"key 0","actor_kind":"key","request_id":"186aadd8-8020-4311-8696-928d46139330","traceparent":"00-51f4b2d72b9afced72e09f8075dc3df8-42c41e8d1fdf029f-00"},"hash":"\\x54d1aedca763c3069a1f6de4b813d3962f7d189171128659b0fb365e505397c5"}, 
 {"position":8,"aggregate_id":"01a21f85-79ff-7b53-9924-1a51b8cf93df","sequence_number":0,"event_id":"01a21f85-7a00-7143-beb4-08b304e05634","event_type":"ImportCreated","revision":1,"organization":"123e4567-e89b-12d3-a456-426614174000","occurred_at":"2026-11-28T00:19:30.943954+00:00","payload":{"import_id":"01a21f85-79ff-7b53-9924-1a51b8cf93df","org_id":"123e4567-e89b-12d3-a456-426614174000","campaign_id":null,"source":"poisoned","source_label":"poisoned","file_name":null,"status":"pending","total_rows":0,"occurred_at":"2026-11-28T00:19:30.943954Z"},"metadata":{"actor":"key 0","actor_kind":"key","request_id":"f870aba3-526f-4fcf-9139-91d5c36eaa95","traceparent":"00-f74127db62aeebf07154b4efcb9314e9-36b7a59f8bf9f66a-00"},"hash":"\\x78638473e6a825a8800270b8a3a5d2ba52a6f0706da11c9f2007f87ba1b792aa"}, 
 {"position":9,"aggregate_id":"01a21f85-79ff-7b53-9924-1a51b8cf93df","sequence_number":1,"event_id":"25347f70-e41e-48ac-8297-521ffcd48ad1","event_type":"ImportStatusChanged","revision":1,"organization":"123e4567-e89b-12d3-a456-426614174000","occurred_at":"2026-11-28T00:19:30.943954+00:00","payload":[],"metadata":{},"hash":"\\x3ae31f5bf11f31e9b1112cf15218d1a9261284cee324a6ab30197fa69924e689"}]$rows$);

truncate flyway_schema_history cascade;
insert into flyway_schema_history (installed_rank, version, description, type, script, checksum, installed_by, installed_on, execution_time, success) overriding system value
select installed_rank, version, description, type, script, checksum, installed_by, installed_on, execution_time, success from json_populate_recordset(null::flyway_schema_history, $rows$[{"installed_rank":1,"version":"1","description":"roles","type":"SQL","script":"V1__roles.sql","checksum":-507539117,"installed_by":"postgres","installed_on":"2026-11-28T00:19:27.943178","execution_time":7,"success":true}, 
 {"installed_rank":2,"version":"2","description":"domain event","type":"SQL","script":"V2__domain_event.sql","checksum":-1366622622,"installed_by":"postgres","installed_on":"2026-11-28T00:19:27.957358","execution_time":14,"success":true}, 
 {"installed_rank":3,"version":"3","description":"hash chain","type":"SQL","script":"V3__hash_chain.sql","checksum":-1590384992,"installed_by":"postgres","installed_on":"2026-11-28T00:19:27.977913","execution_time":3,"success":true}, 
 {"installed_rank":4,"version":"4","description":"snapshot","type":"SQL","script":"V4__snapshot.sql","checksum":1232936171,"installed_by":"postgres","installed_on":"2026-11-28T00:19:27.985654","execution_time":2,"success":true}, 
 {"installed_rank":5,"version":"5","description":"store timeline","type":"SQL","script":"V5__store_timeline.sql","checksum":1945785103,"installed_by":"postgres","installed_on":"2026-11-28T00:19:27.994444","execution_time":5,"success":true}, 
 {"installed_rank":6,"version":"6","description":"idempotency key","type":"SQL","script":"V6__idempotency_key.sql","checksum":1675469205,"installed_by":"postgres","installed_on":"2026-11-28T00:19:28.023071","execution_time":22,"success":true}, 
 {"installed_rank":7,"version":"7","description":"verification","type":"SQL","script":"V7__verification.sql","checksum":-506850252,"installed_by":"postgres","installed_on":"2026-11-28T00:19:28.056534","execution_time":13,"success":true}, 
 {"installed_rank":8,"version":"100","description":"projection","type":"SQL","script":"V100__projection.sql","checksum":-489948378,"installed_by":"postgres","installed_on":"2026-11-28T00:19:28.092639","execution_time":22,"success":true}, 
 {"installed_rank":9,"version":"101","description":"projection rebuild","type":"SQL","script":"V101__projection_rebuild.sql","checksum":1932939272,"installed_by":"postgres","installed_on":"2026-11-28T00:19:28.135734","execution_time":10,"success":true}, 
 {"installed_rank":10,"version":"102","description":"parked event","type":"SQL","script":"V102__parked_event.sql","checksum":-1876766284,"installed_by":"postgres","installed_on":"2026-11-28T00:19:28.154582","execution_time":4,"success":true}, 
 {"installed_rank":11,"version":"103","description":"look at organizations","type":"SQL","script":"V103__look_at_organizations.sql","checksum":1776156316,"installed_by":"postgres","installed_on":"2026-11-28T00:19:28.166196","execution_time":4,"success":true}, 
 {"installed_rank":12,"version":"110","description":"import row","type":"SQL","script":"V110__import_row.sql","checksum":-1520364309,"installed_by":"postgres","installed_on":"2026-11-28T00:19:28.189268","execution_time":38,"success":true}, 
 {"installed_rank":13,"version":"111","description":"import view","type":"SQL","script":"V111__import_view.sql","checksum":-829898738,"installed_by":"postgres","installed_on":"2026-11-28T00:19:28.242129","execution_time":7,"success":true}, 
 {"installed_rank":14,"version":"112","description":"look at imports","type":"SQL","script":"V112__look_at_imports.sql","checksum":745821513,"installed_by":"postgres","installed_on":"2026-11-28T00:19:28.255202","execution_time":3,"success":true}, 
 {"installed_rank":15,"version":"150","description":"summary","type":"SQL","script":"V150__summary.sql","checksum":-1183450733,"installed_by":"postgres","installed_on":"2026-11-28T00:19:28.264227","execution_time":32,"success":true}, 
 {"installed_rank":16,"version":"200","description":"api key","type":"SQL","script":"V200__api_key.sql","checksum":-978645971,"installed_by":"postgres","installed_on":"2026-11-28T00:19:28.305365","execution_time":7,"success":true}, 
 {"installed_rank":17,"version":"201","description":"audit","type":"SQL","script":"V201__audit.sql","checksum":-329117131,"installed_by":"postgres","installed_on":"2026-11-28T00:19:28.318944","execution_time":8,"success":true}, 
 {"installed_rank":18,"version":"202","description":"request quota","type":"SQL","script":"V202__request_quota.sql","checksum":-590765172,"installed_by":"postgres","installed_on":"2026-11-28T00:19:28.337346","execution_time":3,"success":true}, 
 {"installed_rank":19,"version":"203","description":"store name","type":"SQL","script":"V203__store_name.sql","checksum":-1721701254,"installed_by":"postgres","installed_on":"2026-11-28T00:19:28.348186","execution_time":4,"success":true}, 
 {"installed_rank":20,"version":"300","description":"lease","type":"SQL","script":"V300__lease.sql","checksum":1511512245,"installed_by":"postgres","installed_on":"2026-11-28T00:19:28.35734","execution_time":2,"success":true}, 
 {"installed_rank":21,"version":"301","description":"replay","type":"SQL","script":"V301__replay.sql","checksum":1075884705,"installed_by":"postgres","installed_on":"2026-11-28T00:19:28.364874","execution_time":6,"success":true}, 
 {"installed_rank":22,"version":"302","description":"parked publication","type":"SQL","script":"V302__parked_publication.sql","checksum":1275952812,"installed_by":"postgres","installed_on":"2026-11-28T00:19:28.379855","execution_time":8,"success":true}]$rows$);

truncate idempotency_key_0 cascade;
insert into idempotency_key_0 (slot, kept_at, organization, key, digest, attempt, answer) overriding system value
select slot, kept_at, organization, key, digest, attempt, answer from json_populate_recordset(null::idempotency_key_0, $rows$[]$rows$);

truncate idempotency_key_1 cascade;
insert into idempotency_key_1 (slot, kept_at, organization, key, digest, attempt, answer) overriding system value
select slot, kept_at, organization, key, digest, attempt, answer from json_populate_recordset(null::idempotency_key_1, $rows$[{"slot":1,"kept_at":"2026-11-28T00:19:29.952311+00:00","organization":"123e4567-e89b-12d3-a456-426614174000","key":"905a7d7e-eda6-46b3-91c9-1af4f076060d","digest":"\\x8b63be6e22b35e63370f181c2d480d89dabc2a23bb8ac5e5c5f9a0d9c3db5175","attempt":"d194f080-6830-4b5f-ad73-bf2c2b9a607c","answer":"{\"status\":201,\"headers\":{\"ETag\":\"\\\"0\\\"\",\"Location\":\"/imports/01a21f85-757b-7c5a-a4cb-b409cb9f2682\"},\"body\":\"{\\\"id\\\":\\\"01a21f85-757b-7c5a-a4cb-b409cb9f2682\\\",\\\"org_id\\\":\\\"123e4567-e89b-12d3-a456-426614174000\\\",\\\"campaign_id\\\":\\\"8d0f7780-8536-51ef-a948-f18ad2a01bf8\\\",\\\"source\\\":\\\"csv_“é”\\\",\\\"file_name\\\":\\\"a.csv\\\",\\\"status\\\":\\\"pending\\\",\\\"total_rows\\\":0,\\\"created_at\\\":\\\"2026-11-28T00:19:29.789164Z\\\",\\\"updated_at\\\":\\\"2026-11-28T00:19:29.789164Z\\\"}\"}"}, 
 {"slot":1,"kept_at":"2026-11-28T00:19:30.171272+00:00","organization":"123e4567-e89b-12d3-a456-426614174000","key":"21ee97f4-4fd3-4996-b26e-6a27d83431bf","digest":"\\xaf8a0892553168184fd1ec2f5f5fac1d502474128f0010656a37e8bc143da11d","attempt":"ecc7ccce-8516-40e7-b24d-dbbb41a3bedc","answer":"{\"status\":200,\"headers\":{\"ETag\":\"\\\"1\\\"\"},\"body\":\"{\\\"id\\\":\\\"01a21f85-757b-7c5a-a4cb-b409cb9f2682\\\",\\\"org_id\\\":\\\"123e4567-e89b-12d3-a456-426614174000\\\",\\\"campaign_id\\\":\\\"8d0f7780-8536-51ef-a948-f18ad2a01bf8\\\",\\\"source\\\":\\\"csv_“é”\\\",\\\"file_name\\\":\\\"a.csv\\\",\\\"status\\\":\\\"processing\\\",\\\"total_rows\\\":0,\\\"created_at\\\":\\\"2026-11-28T00:19:29.789164Z\\\",\\\"updated_at\\\":\\\"2026-11-28T00:19:30.136742Z\\\"}\"}"}, 
 {"slot":1,"kept_at":"2026-11-28T00:19:30.251733+00:00","organization":"123e4567-e89b-12d3-a456-426614174000","key":"568d96c4-56b1-4167-a006-a831f4921c78","digest":"\\x3d76220e419df5605f7306c4c04e8a3b5f615c0c7acad687031827a9414a0bb1","attempt":"c2108bf3-58fd-434e-aa29-774372900608","answer":"{\"status\":200,\"headers\":{\"ETag\":\"\\\"2\\\"\"},\"body\":\"{\\\"id\\\":\\\"01a21f85-757b-7c5a-a4cb-b409cb9f2682\\\",\\\"org_id\\\":\\\"123e4567-e89b-12d3-a456-426614174000\\\",\\\"campaign_id\\\":null,\\\"source\\\":\\\"csv_“é”\\\",\\\"file_name\\\":\\\"a.csv\\\",\\\"status\\\":\\\"processing\\\",\\\"total_rows\\\":0,\\\"created_at\\\":\\\"2026-11-28T00:19:29.789164Z\\\",\\\"updated_at\\\":\\\"2026-11-28T00:19:30.233505Z\\\"}\"}"}, 
 {"slot":1,"kept_at":"2026-11-28T00:19:30.398868+00:00","organization":"123e4567-e89b-12d3-a456-426614174000","key":"afad2bc5-2b62-4940-bf6a-3991a68741c0","digest":"\\xa26f1567fba954a16714babe0f576a48994e977c12d24c1a1ed62b3e2ee7e603","attempt":"1ec24632-ae1a-41a2-b974-2ae47f0c82b0","answer":"{\"status\":200,\"headers\":{\"ETag\":\"\\\"3\\\"\"},\"body\":\"{\\\"id\\\":\\\"01a21f85-757b-7c5a-a4cb-b409cb9f2682\\\",\\\"org_id\\\":\\\"123e4567-e89b-12d3-a456-426614174000\\\",\\\"campaign_id\\\":null,\\\"source\\\":\\\"csv_“é”\\\",\\\"file_name\\\":\\\"a.csv\\\",\\\"status\\\":\\\"processing\\\",\\\"total_rows\\\":7,\\\"created_at\\\":\\\"2026-11-28T00:19:29.789164Z\\\",\\\"updated_at\\\":\\\"2026-11-28T00:19:30.368655Z\\\"}\"}"}, 
 {"slot":1,"kept_at":"2026-11-28T00:19:30.470533+00:00","organization":"123e4567-e89b-12d3-a456-426614174000","key":"b8f21950-7bc2-43da-a9eb-90b98eff456b","digest":"\\x1f8fab240d86cfdd0f9ed345f1f4926f9d3768ece98a3e3a019d51ce73e2093a","attempt":"a0143760-0a55-4f6c-9e7b-bd89b8c4ba0e","answer":"{\"status\":200,\"headers\":{\"ETag\":\"\\\"4\\\"\"},\"body\":\"{\\\"id\\\":\\\"01a21f85-757b-7c5a-a4cb-b409cb9f2682\\\",\\\"org_id\\\":\\\"123e4567-e89b-12d3-a456-426614174000\\\",\\\"campaign_id\\\":null,\\\"source\\\":\\\"csv_“é”\\\",\\\"file_name\\\":\\\"a.csv\\\",\\\"status\\\":\\\"completed\\\",\\\"total_rows\\\":7,\\\"created_at\\\":\\\"2026-11-28T00:19:29.789164Z\\\",\\\"updated_at\\\":\\\"2026-11-28T00:19:30.461654Z\\\"}\"}"}, 
 {"slot":1,"kept_at":"2026-11-28T00:19:30.499633+00:00","organization":"123e4567-e89b-12d3-a456-426614174000","key":"078f5bd0-9a99-43f3-924a-57fe37a8ce50","digest":"\\xa11a318b86b9d002a3eb8ca1cef10ac4d18e5bbeb174f277d03d70626d786eec","attempt":"c7a50847-a0e8-4051-82a5-6ab15156013d","answer":"{\"status\":201,\"headers\":{\"ETag\":\"\\\"0\\\"\",\"Location\":\"/imports/01a21f85-783b-7d69-b36b-b0154a5e38f9\"},\"body\":\"{\\\"id\\\":\\\"01a21f85-783b-7d69-b36b-b0154a5e38f9\\\",\\\"org_id\\\":\\\"123e4567-e89b-12d3-a456-426614174000\\\",\\\"campaign_id\\\":null,\\\"source\\\":\\\"hubspot\\\",\\\"file_name\\\":null,\\\"status\\\":\\\"pending\\\",\\\"total_rows\\\":0,\\\"created_at\\\":\\\"2026-11-28T00:19:30.491457Z\\\",\\\"updated_at\\\":\\\"2026-11-28T00:19:30.491457Z\\\"}\"}"}, 
 {"slot":1,"kept_at":"2026-11-28T00:19:30.554339+00:00","organization":"123e4567-e89b-12d3-a456-426614174000","key":"d0494965-6d42-4e1a-9eb3-473bae1037c0","digest":"\\xfb2a21dd55aee143e4a86f4b0b12ba252df2a946736524015d77dd69366ab57c","attempt":"12b51149-4527-44c1-ab05-aac0325e3e27","answer":"{\"status\":200,\"headers\":{},\"body\":\"{\\\"message\\\":\\\"Import 01a21f85-783b-7d69-b36b-b0154a5e38f9 eliminado\\\"}\"}"}, 
 {"slot":1,"kept_at":"2026-11-28T00:19:30.958617+00:00","organization":"123e4567-e89b-12d3-a456-426614174000","key":"f69d3654-94af-46c2-903e-b49f00791d1a","digest":"\\x752af764d2c212126d2a82eb024f07778759af75386b4c8b82108b8c5759e5af","attempt":"a2e3d158-41b1-4b59-99be-8e2735793e49","answer":"{\"status\":201,\"headers\":{\"ETag\":\"\\\"0\\\"\",\"Location\":\"/imports/01a21f85-79ff-7b53-9924-1a51b8cf93df\"},\"body\":\"{\\\"id\\\":\\\"01a21f85-79ff-7b53-9924-1a51b8cf93df\\\",\\\"org_id\\\":\\\"123e4567-e89b-12d3-a456-426614174000\\\",\\\"campaign_id\\\":null,\\\"source\\\":\\\"poisoned\\\",\\\"file_name\\\":null,\\\"status\\\":\\\"pending\\\",\\\"total_rows\\\":0,\\\"created_at\\\":\\\"2026-11-28T00:19:30.943954Z\\\",\\\"updated_at\\\":\\\"2026-11-28T00:19:30.943954Z\\\"}\"}"}]$rows$);

truncate idempotency_key_2 cascade;
insert into idempotency_key_2 (slot, kept_at, organization, key, digest, attempt, answer) overriding system value
select slot, kept_at, organization, key, digest, attempt, answer from json_populate_recordset(null::idempotency_key_2, $rows$[]$rows$);

truncate import_row_0 cascade;
insert into import_row_0 (id, org_id, campaign_id, source, file_name, status, total_rows, created_at, updated_at, sequence) overriding system value
select id, org_id, campaign_id, source, file_name, status, total_rows, created_at, updated_at, sequence from json_populate_recordset(null::import_row_0, $rows$[{"id":"01a21f85-757b-7c5a-a4cb-b409cb9f2682","org_id":"123e4567-e89b-12d3-a456-426614174000","campaign_id":null,"source":"csv_“é”","file_name":"a.csv","status":"completed","total_rows":7,"created_at":"2026-11-28T00:19:29.789164+00:00","updated_at":"2026-11-28T00:19:30.461654+00:00","sequence":4,"updated_minute":"2026-11-28T00:19:00"}, 
 {"id":"01a21f85-79ff-7b53-9924-1a51b8cf93df","org_id":"123e4567-e89b-12d3-a456-426614174000","campaign_id":null,"source":"poisoned","file_name":null,"status":"pending","total_rows":0,"created_at":"2026-11-28T00:19:30.943954+00:00","updated_at":"2026-11-28T00:19:30.943954+00:00","sequence":0,"updated_minute":"2026-11-28T00:19:00"}]$rows$);

truncate import_row_1 cascade;
insert into import_row_1 (id, org_id, campaign_id, source, file_name, status, total_rows, created_at, updated_at, sequence) overriding system value
select id, org_id, campaign_id, source, file_name, status, total_rows, created_at, updated_at, sequence from json_populate_recordset(null::import_row_1, $rows$[]$rows$);

truncate lease cascade;
insert into lease (name, holder, expires_at, published, node, partitions) overriding system value
select name, holder, expires_at, published, node, partitions from json_populate_recordset(null::lease, $rows$[{"name":"relay","holder":"00000000-0000-0000-0000-000000000000","expires_at":"-infinity","published":9,"node":"node-3aa35656","partitions":6}]$rows$);

truncate parked_by_rebuild cascade;
insert into parked_by_rebuild (projection, "position", import_id, organization, event_type, error) overriding system value
select projection, "position", import_id, organization, event_type, error from json_populate_recordset(null::parked_by_rebuild, $rows$[]$rows$);

truncate parked_event cascade;
insert into parked_event (projection, "position", import_id, organization, event_type, error, attempts, parked_at, discarded_at) overriding system value
select projection, "position", import_id, organization, event_type, error, attempts, parked_at, discarded_at from json_populate_recordset(null::parked_event, $rows$[{"projection":"summary","position":9,"import_id":"01a21f85-79ff-7b53-9924-1a51b8cf93df","organization":"123e4567-e89b-12d3-a456-426614174000","event_type":"ImportStatusChanged","error":"Cannot deserialize value of type a value from Array value (token `JsonToken.START_ARRAY`)","attempts":1,"parked_at":"2026-11-28T00:19:31.136229+00:00","discarded_at":null}, 
 {"projection":"imports","position":9,"import_id":"01a21f85-79ff-7b53-9924-1a51b8cf93df","organization":"123e4567-e89b-12d3-a456-426614174000","event_type":"ImportStatusChanged","error":"Cannot deserialize value of type a value from Array value (token `JsonToken.START_ARRAY`)","attempts":1,"parked_at":"2026-11-28T00:19:31.152126+00:00","discarded_at":null}]$rows$);

truncate parked_publication cascade;
insert into parked_publication ("position", import_id, error, attempts, parked_at, discarded_at) overriding system value
select "position", import_id, error, attempts, parked_at, discarded_at from json_populate_recordset(null::parked_publication, $rows$[{"position":9,"import_id":"01a21f85-79ff-7b53-9924-1a51b8cf93df","error":"It cannot be read as ImportStatusChanged of revision 1","attempts":2,"parked_at":"2026-11-28T00:19:32.562642+00:00","discarded_at":null}]$rows$);

truncate projection cascade;
insert into projection (name, generation, shadow_generation) overriding system value
select name, generation, shadow_generation from json_populate_recordset(null::projection, $rows$[{"name":"summary","generation":0,"shadow_generation":null}, 
 {"name":"imports","generation":2,"shadow_generation":null}]$rows$);

truncate projection_position cascade;
insert into projection_position (name, batch, "position", event_id, node) overriding system value
select name, batch, "position", event_id, node from json_populate_recordset(null::projection_position, $rows$[{"name":"imports","batch":1,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":2,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":3,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":4,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":5,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":6,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":7,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":8,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":9,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":10,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":11,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":12,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":13,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":14,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":15,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":16,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":17,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":18,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":19,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":20,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":21,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":22,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":23,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":24,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":25,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":26,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":27,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":28,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":29,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":30,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":31,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":32,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":33,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":34,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":35,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":36,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":37,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":38,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":39,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":40,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":41,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":42,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":43,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":44,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":45,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":46,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":47,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":48,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":49,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":50,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":51,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":52,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":53,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":54,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":55,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":56,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":57,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":58,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":59,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":60,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":61,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":62,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":63,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":64,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":65,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":66,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":67,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":68,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":69,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":70,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":71,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":72,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":73,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":74,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":75,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":76,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":77,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":78,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":79,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":80,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":81,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":82,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":83,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":84,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":85,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":86,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":87,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":88,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":89,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":90,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":91,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":92,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":93,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":94,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":95,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":96,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":97,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":98,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":99,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":100,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":1,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":2,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":3,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":4,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":5,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":6,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":7,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":8,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":9,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":10,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":11,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":12,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":13,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":14,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":15,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":16,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":17,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":18,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":19,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":20,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":21,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":22,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":23,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":24,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":25,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":26,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":27,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":28,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":29,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":30,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":31,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":32,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":33,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":34,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":35,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":36,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":37,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":38,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":39,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":40,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":41,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":42,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":43,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":44,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":45,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":46,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":47,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":48,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":49,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":50,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":51,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":52,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":53,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":54,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":55,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":56,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":57,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":58,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":59,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":60,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":61,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":62,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":63,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":64,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":65,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":66,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":67,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":68,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":69,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":70,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":71,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":72,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":73,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":74,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":75,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":76,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":77,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":78,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":79,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":80,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":81,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":82,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":83,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":84,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":85,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":86,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":87,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":88,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":89,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":90,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":91,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":92,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":93,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":94,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":95,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":96,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":97,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":98,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":99,"position":0,"event_id":null,"node":null}, 
 {"name":"summary","batch":100,"position":0,"event_id":null,"node":null}, 
 {"name":"imports","batch":101,"position":1,"event_id":"01a21f85-7590-7afa-adb0-0541dca362ae","node":"node-3aa35656"}, 
 {"name":"summary","batch":101,"position":1,"event_id":"01a21f85-7590-7afa-adb0-0541dca362ae","node":"node-3aa35656"}, 
 {"name":"imports","batch":102,"position":2,"event_id":"01a21f85-76ee-7e95-ab88-8c097fab547e","node":"node-3aa35656"}, 
 {"name":"summary","batch":102,"position":2,"event_id":"01a21f85-76ee-7e95-ab88-8c097fab547e","node":"node-3aa35656"}, 
 {"name":"summary","batch":103,"position":3,"event_id":"01a21f85-773b-7459-a836-e1af770dc534","node":"node-3aa35656"}, 
 {"name":"imports","batch":103,"position":3,"event_id":"01a21f85-773b-7459-a836-e1af770dc534","node":"node-3aa35656"}, 
 {"name":"imports","batch":104,"position":4,"event_id":"01a21f85-77c1-7faf-aa89-d17464503a38","node":"node-3aa35656"}, 
 {"name":"summary","batch":104,"position":4,"event_id":"01a21f85-77c1-7faf-aa89-d17464503a38","node":"node-3aa35656"}, 
 {"name":"imports","batch":105,"position":6,"event_id":"01a21f85-783b-7d0d-836d-b3562bff8c8c","node":"node-3aa35656"}, 
 {"name":"summary","batch":105,"position":6,"event_id":"01a21f85-783b-7d0d-836d-b3562bff8c8c","node":"node-3aa35656"}, 
 {"name":"imports","batch":106,"position":7,"event_id":"01a21f85-7859-7707-ad9a-66b519e8a904","node":"node-3aa35656"}, 
 {"name":"summary","batch":106,"position":7,"event_id":"01a21f85-7859-7707-ad9a-66b519e8a904","node":"node-3aa35656"}, 
 {"name":"imports","batch":107,"position":8,"event_id":"01a21f85-7a00-7143-beb4-08b304e05634","node":"node-3aa35656"}, 
 {"name":"summary","batch":107,"position":8,"event_id":"01a21f85-7a00-7143-beb4-08b304e05634","node":"node-3aa35656"}, 
 {"name":"summary","batch":108,"position":9,"event_id":"25347f70-e41e-48ac-8297-521ffcd48ad1","node":"node-3aa35656"}, 
 {"name":"imports","batch":108,"position":9,"event_id":"25347f70-e41e-48ac-8297-521ffcd48ad1","node":"node-3aa35656"}]$rows$);

truncate projection_rebuild cascade;
insert into projection_rebuild (id, projection, state, phase, generation, target, last_import, "position", compared, events_done, differences, examples, error, started_at, loaded_at, finished_at) overriding system value
select id, projection, state, phase, generation, target, last_import, "position", compared, events_done, differences, examples, error, started_at, loaded_at, finished_at from json_populate_recordset(null::projection_rebuild, $rows$[{"id":1,"projection":"imports","state":"completed","phase":"emptying","generation":1,"target":9,"last_import":"01a21f85-79ff-7b53-9924-1a51b8cf93df","position":9,"compared":null,"events_done":9,"differences":0,"examples":[],"error":null,"started_at":"2026-11-28T00:19:33.305015+00:00","loaded_at":"2026-11-28T00:19:33.476807+00:00","finished_at":"2026-11-28T00:19:33.563743+00:00"}, 
 {"id":2,"projection":"imports","state":"completed","phase":"emptying","generation":2,"target":9,"last_import":"01a21f85-79ff-7b53-9924-1a51b8cf93df","position":9,"compared":null,"events_done":9,"differences":0,"examples":[],"error":null,"started_at":"2026-11-28T00:19:33.627432+00:00","loaded_at":"2026-11-28T00:19:33.740023+00:00","finished_at":"2026-11-28T00:19:33.783896+00:00"}]$rows$);

truncate publication_request cascade;
insert into publication_request (id, "position", discard, requested_by, requested_at, taken_at, finished_at, applied, refused) overriding system value
select id, "position", discard, requested_by, requested_at, taken_at, finished_at, applied, refused from json_populate_recordset(null::publication_request, $rows$[{"id":1,"position":9,"discard":false,"requested_by":"key 6","requested_at":"2026-11-28T00:19:32.942128+00:00","taken_at":"2026-11-28T00:19:33.15091+00:00","finished_at":"2026-11-28T00:19:33.199569+00:00","applied":0,"refused":null}]$rows$);

truncate replay cascade;
insert into replay (id, state, target, dry_run, from_position, to_position, from_time, to_time, organization, event_type, import_id, events_per_second, "position", events, partitions, error, holder, leased_until, started_at, finished_at) overriding system value
select id, state, target, dry_run, from_position, to_position, from_time, to_time, organization, event_type, import_id, events_per_second, "position", events, partitions, error, holder, leased_until, started_at, finished_at from json_populate_recordset(null::replay, $rows$[{"id":"5270bf68-d17b-4f10-8070-604507149afa","state":"completed","target":"imports.replay.kept","dry_run":true,"from_position":1,"to_position":9,"from_time":null,"to_time":null,"organization":null,"event_type":null,"import_id":null,"events_per_second":5000,"position":9,"events":9,"partitions":null,"error":null,"holder":"0904157b-6c48-46e3-be85-e58a9c83a6c3","leased_until":"2026-11-28T00:19:38.282001+00:00","started_at":"2026-11-28T00:19:33.250326+00:00","finished_at":"2026-11-28T00:19:33.282003+00:00"}]$rows$);

truncate request_quota cascade;
insert into request_quota (id, most, per_second, brought, remaining, drawn_at) overriding system value
select id, most, per_second, brought, remaining, drawn_at from json_populate_recordset(null::request_quota, $rows$[]$rows$);

truncate snapshot cascade;
insert into snapshot (aggregate_id, sequence_number, snapshot_type, revision, occurred_at, payload) overriding system value
select aggregate_id, sequence_number, snapshot_type, revision, occurred_at, payload from json_populate_recordset(null::snapshot, $rows$[{"aggregate_id":"01a21f85-757b-7c5a-a4cb-b409cb9f2682","sequence_number":3,"snapshot_type":"Import","revision":1,"occurred_at":"2026-11-28T00:19:30.497364+00:00","payload":{"active":{"id":"01a21f85-757b-7c5a-a4cb-b409cb9f2682","org_id":"123e4567-e89b-12d3-a456-426614174000","campaign_id":null,"source":"csv_“é”","file_name":"a.csv","status":"processing","total_rows":7,"created_at":"2026-11-28T00:19:29.789164Z","updated_at":"2026-11-28T00:19:30.368655Z"},"deleted":null,"last_event":"01a21f85-77c1-7faf-aa89-d17464503a38"}}]$rows$);

truncate store_name cascade;
insert into store_name (is_only, name, noted_at) overriding system value
select is_only, name, noted_at from json_populate_recordset(null::store_name, $rows$[]$rows$);

truncate store_timeline cascade;
insert into store_timeline (number, system_identifier, wal_timeline, begins_after, noted_at) overriding system value
select number, system_identifier, wal_timeline, begins_after, noted_at from json_populate_recordset(null::store_timeline, $rows$[{"number":1,"system_identifier":7713010203722243904,"wal_timeline":"00000001","begins_after":0,"noted_at":"2026-11-28T00:19:28.000236+00:00"}]$rows$);

truncate summary_cell_0 cascade;
insert into summary_cell_0 (id, organization, status, source, campaign_id, day) overriding system value
select id, organization, status, source, campaign_id, day from json_populate_recordset(null::summary_cell_0, $rows$[{"id":"59aa613e-329f-57fd-7e2e-84521b20f574","organization":"123e4567-e89b-12d3-a456-426614174000","status":"pending","source":"csv_“é”","campaign_id":"8d0f7780-8536-51ef-a948-f18ad2a01bf8","day":"2026-11-28"}, 
 {"id":"16a01b35-9bb0-54c4-55b3-f6d306098d1a","organization":"123e4567-e89b-12d3-a456-426614174000","status":"pending","source":"csv_“é”","campaign_id":"8d0f7780-8536-51ef-a948-f18ad2a01bf8","day":null}, 
 {"id":"a290db4b-0ee4-82fa-4693-7ddcac35e3d1","organization":"123e4567-e89b-12d3-a456-426614174000","status":"processing","source":"csv_“é”","campaign_id":"8d0f7780-8536-51ef-a948-f18ad2a01bf8","day":null}, 
 {"id":"6af68dca-d9f8-35d7-7c5d-6cdcf1a5019d","organization":"123e4567-e89b-12d3-a456-426614174000","status":"processing","source":"csv_“é”","campaign_id":null,"day":null}, 
 {"id":"f618cebb-c7bc-f2cf-8e38-18f2672f3233","organization":"123e4567-e89b-12d3-a456-426614174000","status":"completed","source":"csv_“é”","campaign_id":null,"day":null}, 
 {"id":"01b80183-8b36-0977-7a2d-cf9af8a66a4d","organization":"123e4567-e89b-12d3-a456-426614174000","status":"pending","source":"hubspot","campaign_id":null,"day":null}, 
 {"id":"692277bb-10c8-6108-ecef-19a901e0c637","organization":"123e4567-e89b-12d3-a456-426614174000","status":"completed","source":"csv_“é”","campaign_id":null,"day":"2026-11-28"}, 
 {"id":"8a8f2532-b472-f638-13c4-9e7a06ea86a3","organization":"123e4567-e89b-12d3-a456-426614174000","status":"pending","source":"hubspot","campaign_id":null,"day":"2026-11-28"}, 
 {"id":"e7cc2cea-d325-85c0-aceb-f80bb8acad1d","organization":"123e4567-e89b-12d3-a456-426614174000","status":"pending","source":"poisoned","campaign_id":null,"day":null}, 
 {"id":"d6d85853-9b77-c310-cc5b-ddc9514a6a7b","organization":"123e4567-e89b-12d3-a456-426614174000","status":"pending","source":"poisoned","campaign_id":null,"day":"2026-11-28"}]$rows$);

truncate summary_cell_1 cascade;
insert into summary_cell_1 (id, organization, status, source, campaign_id, day) overriding system value
select id, organization, status, source, campaign_id, day from json_populate_recordset(null::summary_cell_1, $rows$[]$rows$);

truncate summary_count_0 cascade;
insert into summary_count_0 (cell, version, imports, total_rows, created, completed, failed, organization) overriding system value
select cell, version, imports, total_rows, created, completed, failed, organization from json_populate_recordset(null::summary_count_0, $rows$[{"cell":"59aa613e-329f-57fd-7e2e-84521b20f574","version":1,"imports":0,"total_rows":0,"created":1,"completed":0,"failed":0,"organization":"123e4567-e89b-12d3-a456-426614174000"}, 
 {"cell":"16a01b35-9bb0-54c4-55b3-f6d306098d1a","version":2,"imports":0,"total_rows":0,"created":0,"completed":0,"failed":0,"organization":"123e4567-e89b-12d3-a456-426614174000"}, 
 {"cell":"a290db4b-0ee4-82fa-4693-7ddcac35e3d1","version":2,"imports":0,"total_rows":0,"created":0,"completed":0,"failed":0,"organization":"123e4567-e89b-12d3-a456-426614174000"}, 
 {"cell":"6af68dca-d9f8-35d7-7c5d-6cdcf1a5019d","version":3,"imports":0,"total_rows":0,"created":0,"completed":0,"failed":0,"organization":"123e4567-e89b-12d3-a456-426614174000"}, 
 {"cell":"f618cebb-c7bc-f2cf-8e38-18f2672f3233","version":1,"imports":1,"total_rows":7,"created":0,"completed":0,"failed":0,"organization":"123e4567-e89b-12d3-a456-426614174000"}, 
 {"cell":"692277bb-10c8-6108-ecef-19a901e0c637","version":1,"imports":0,"total_rows":0,"created":0,"completed":1,"failed":0,"organization":"123e4567-e89b-12d3-a456-426614174000"}, 
 {"cell":"8a8f2532-b472-f638-13c4-9e7a06ea86a3","version":1,"imports":0,"total_rows":0,"created":1,"completed":0,"failed":0,"organization":"123e4567-e89b-12d3-a456-426614174000"}, 
 {"cell":"01b80183-8b36-0977-7a2d-cf9af8a66a4d","version":2,"imports":0,"total_rows":0,"created":0,"completed":0,"failed":0,"organization":"123e4567-e89b-12d3-a456-426614174000"}, 
 {"cell":"e7cc2cea-d325-85c0-aceb-f80bb8acad1d","version":1,"imports":1,"total_rows":0,"created":0,"completed":0,"failed":0,"organization":"123e4567-e89b-12d3-a456-426614174000"}, 
 {"cell":"d6d85853-9b77-c310-cc5b-ddc9514a6a7b","version":1,"imports":0,"total_rows":0,"created":1,"completed":0,"failed":0,"organization":"123e4567-e89b-12d3-a456-426614174000"}]$rows$);

truncate summary_count_1 cascade;
insert into summary_count_1 (cell, version, imports, total_rows, created, completed, failed, organization) overriding system value
select cell, version, imports, total_rows, created, completed, failed, organization from json_populate_recordset(null::summary_count_1, $rows$[]$rows$);

truncate summary_import_0 cascade;
insert into summary_import_0 (id, organization, status, source, campaign_id, total_rows) overriding system value
select id, organization, status, source, campaign_id, total_rows from json_populate_recordset(null::summary_import_0, $rows$[{"id":"01a21f85-757b-7c5a-a4cb-b409cb9f2682","organization":"123e4567-e89b-12d3-a456-426614174000","status":"completed","source":"csv_“é”","campaign_id":null,"total_rows":7}, 
 {"id":"01a21f85-79ff-7b53-9924-1a51b8cf93df","organization":"123e4567-e89b-12d3-a456-426614174000","status":"pending","source":"poisoned","campaign_id":null,"total_rows":0}]$rows$);

truncate summary_import_1 cascade;
insert into summary_import_1 (id, organization, status, source, campaign_id, total_rows) overriding system value
select id, organization, status, source, campaign_id, total_rows from json_populate_recordset(null::summary_import_1, $rows$[]$rows$);

truncate verification cascade;
insert into verification (id, noted_at, login, kind, from_position, "position", hash, compared, findings, first_finding, checkpoint, key) overriding system value
select id, noted_at, login, kind, from_position, "position", hash, compared, findings, first_finding, checkpoint, key from json_populate_recordset(null::verification, $rows$[{"id":1,"noted_at":"2026-11-28T00:19:30.737368+00:00","login":"postgres","kind":"verify","from_position":1,"position":1,"hash":"\\xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","compared":true,"findings":0,"first_finding":null,"checkpoint":null,"key":null}]$rows$);
select setval(pg_get_serial_sequence('audit_entry', 'id'), max(id)) from audit_entry;
select setval(pg_get_serial_sequence('projection_rebuild', 'id'), max(id)) from projection_rebuild;
select setval(pg_get_serial_sequence('publication_request', 'id'), max(id)) from publication_request;
select setval(pg_get_serial_sequence('verification', 'id'), max(id)) from verification;
