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

-- An organization's feed, in order.
create index domain_event_organization on domain_event (organization, position);

-- Lists of the past go through an organization's imports in the order of their creation, backward: at the index's end,
-- where new entries come, its pages are filled.
create index domain_event_creation on domain_event (organization, occurred_at, aggregate_id desc)
  where sequence_number = 0;

-- Times grow with positions, nearly: a few kilobytes find the position of a time.
create index domain_event_time on domain_event using brin (occurred_at) with (autosummarize = on);

-- Events are added and never changed: no UPDATE, no DELETE, no TRUNCATE for anybody.
grant select, insert on domain_event to imports_appender;
grant select on domain_event to imports_projector, imports_reader;
