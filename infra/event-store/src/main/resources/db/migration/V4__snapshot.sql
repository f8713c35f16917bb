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
