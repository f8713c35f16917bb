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
