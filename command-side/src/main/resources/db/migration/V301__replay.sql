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
