-- Tamper evidence: each event's hash covers the event, its position and the hash before it
-- (infra/docs/hash-chain.md).

-- hash(n) = SHA-256(hash(n-1) || position, 8 bytes || digest of the event), hash(0) being 32 zero bytes.
-- PL/pgSQL keeps its plan for the whole session: about 1.3 µs a call, where SQL takes 2.
create function domain_event_link(hash bytea, previous bytea, "position" bigint, digest bytea)
returns bytea language plpgsql immutable parallel safe
as $$
begin
  return pg_catalog.sha256(coalesce(hash, previous) || pg_catalog.int8send("position") || digest);
end
$$;

-- The hashes of the rows of a window, linked in its order to the hash before the first.
create aggregate domain_event_chain(previous bytea, "position" bigint, digest bytea) (
  sfunc = domain_event_link,
  stype = bytea
);

-- The digest of an event, in the database's words; the service and the verifier each have their own.
create function domain_event_digest(event domain_event) returns bytea
language sql stable parallel safe
as $$
  select sha256('\x01'::bytea
    || uuid_send(event.aggregate_id)
    || int8send(event.sequence_number)
    || uuid_send(event.event_id)
    || int4send(octet_length(convert_to(event.event_type, 'UTF8')))
    || convert_to(event.event_type, 'UTF8')
    || int4send(event.revision)
    || uuid_send(event.organization)
    || int8send((extract(epoch from event.occurred_at) * 1000000)::bigint)
    || sha256(convert_to(event.payload::text, 'UTF8'))
    || sha256(convert_to(event.metadata::text, 'UTF8')))
$$;

alter table domain_event
  add column hash bytea,
  add constraint domain_event_position check (position > 0),
  add constraint domain_event_hash check (octet_length(hash) = 32);

update domain_event e
set hash = chained.hash
from (
  select position,
         domain_event_chain(decode(repeat('00', 32), 'hex'), position, domain_event_digest(e.*))
           over (order by position) as hash
  from domain_event e
) chained
where chained.position = e.position;

alter table domain_event alter column hash set not null;

-- 32 random bytes do not shrink: nothing is to be tried.
alter table domain_event alter column hash set storage plain;

-- Nodes of the version before this one do not send a hash while they run beside it: they have it made.
-- It costs those that send one a look at a column. A later version may drop it.
create function domain_event_hash_of_earlier_version() returns trigger
language plpgsql
as $$
begin
  new.hash := domain_event_link(
    null,
    coalesce((select hash from domain_event where position = new.position - 1),
             decode(repeat('00', 32), 'hex')),
    new.position,
    domain_event_digest(new));
  return new;
end
$$;

create trigger domain_event_hash_of_earlier_version
  before insert on domain_event
  for each row when (new.hash is null)
  execute function domain_event_hash_of_earlier_version();
