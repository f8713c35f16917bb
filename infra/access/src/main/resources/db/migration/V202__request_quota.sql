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
