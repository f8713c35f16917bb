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
