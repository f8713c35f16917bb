-- The first answers of requests that may be sent again, by their keys. The append writes them under its lock together with the events
-- that they are about, so that no key is there twice within 24 hours. A day has one of three partitions, in turn: today, yesterday,
-- and the one that is emptied before tomorrow. So a partition is never missing, and none has to be made.
create table idempotency_key (
  slot         smallint    not null,
  kept_at      timestamptz not null,
  organization uuid        not null,
  key          text        not null collate "C",
  -- Of the request, so that another one under the same key is told apart.
  digest       bytea       not null check (octet_length(digest) = 32),
  -- Of the append that wrote it: one whose answer was lost finds itself.
  attempt      uuid        not null,
  answer       text        not null,
  primary key (organization, key, kept_at, slot)
) partition by list (slot);

create table idempotency_key_0 partition of idempotency_key for values in (0);
create table idempotency_key_1 partition of idempotency_key for values in (1);
create table idempotency_key_2 partition of idempotency_key for values in (2);

-- Whether a partition has a row that still counts, in a few kilobytes.
create index on idempotency_key using brin (kept_at) with (autosummarize = on);

-- Answers tell what events tell, and a key is a secret of its client: nobody reads them but the append. Nobody changes them.
grant select, insert on idempotency_key to imports_appender;

create function idempotency_key_slot(kept_at timestamptz) returns smallint
  language sql stable parallel safe
  return (floor(extract(epoch from kept_at) / 86400)::bigint % 3)::smallint;

-- Empties the partition that tomorrow writes to, if all that it has is older than 24 hours. It looks while others append, then waits for
-- its turn as an append does, and then for nobody: nothing is added to the partition before tomorrow. When no node did so in time, its
-- rows are beside newer ones; they are deleted, 20,000 of each partition at once, when they are older than 48 hours. False when somebody
-- reads the partition, tomorrow came meanwhile, or there may be more to delete, so that it is to be tried again.
create function empty_idempotency_keys() returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  slot smallint := public.idempotency_key_slot(clock_timestamp() + interval '24 hours');
  name text := 'idempotency_key_' || slot;
  is_over boolean;
  deleted bigint;
  is_done boolean := true;
begin
  perform set_config('lock_timeout', '1s', true);
  -- A value lets the index be used, and a volatile function would not.
  execute pg_catalog.format(
    'select exists (select from public.%1$I) and not exists (select from public.%1$I where kept_at > $1)', name)
    into is_over using clock_timestamp() - interval '24 hours';
  if not is_over then
    for part in 0..2 loop
      execute pg_catalog.format(
        'delete from public.%1$I where ctid = any (array(select ctid from public.%1$I where kept_at < $1 limit 20000))',
        'idempotency_key_' || part) using clock_timestamp() - interval '48 hours';
      get diagnostics deleted = row_count;
      is_done := is_done and deleted < 20000;
    end loop;
    return is_done;
  end if;
  perform pg_advisory_xact_lock(4919131752989213764);
  if slot <> public.idempotency_key_slot(clock_timestamp() + interval '24 hours') then return false; end if;
  execute pg_catalog.format('lock table public.%I in access exclusive mode nowait', name);
  execute pg_catalog.format('truncate public.%I', name);
  return true;
exception
  when lock_not_available then return false;
end $$;
revoke execute on function empty_idempotency_keys() from public;
grant execute on function empty_idempotency_keys() to imports_appender;
