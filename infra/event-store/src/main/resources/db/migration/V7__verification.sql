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
