-- Keys of organizations. The key itself is nowhere: its SHA-256 finds it.
create table api_key (
  key_hash     bytea       primary key check (length(key_hash) = 32),
  organization uuid        not null,
  name         text        not null check (name ~ '^[[:print:]]{1,255}$'),
  scopes       text[]      not null,
  created_at   timestamptz not null default now(),
  revoked_at   timestamptz,
  unique (organization, name)
);

-- Whoever answers requests looks them up. Nobody else may read them, and nobody may write them but the owner.
grant select on api_key to imports_appender, imports_projector;
