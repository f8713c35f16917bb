-- The only truth. Positions are 1..n without a gap, in the order of the commits.
create table domain_event (
  position        bigint      primary key,
  aggregate_id    uuid        not null,
  sequence_number bigint      not null check (sequence_number >= 0),
  event_id        uuid        not null,
  event_type      text        not null,
  revision        int         not null,
  organization    uuid        not null,
  occurred_at     timestamptz not null,
  payload         json        not null,
  metadata        json        not null,
  constraint domain_event_sequence unique (aggregate_id, sequence_number),
  constraint domain_event_id unique (event_id)
);

-- An organization's feed, in order.
create index domain_event_organization on domain_event (organization, position);

-- Times grow with positions, nearly: a few kilobytes find the position of a time.
create index domain_event_time on domain_event using brin (occurred_at) with (autosummarize = on);

-- What an import was after its event with this sequence number, so that it need not be folded from the first.
create table snapshot (
  aggregate_id    uuid        primary key,
  sequence_number bigint      not null,
  snapshot_type   text        not null,
  revision        int         not null,
  occurred_at     timestamptz not null,
  payload         json        not null
);
