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
