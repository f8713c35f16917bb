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
