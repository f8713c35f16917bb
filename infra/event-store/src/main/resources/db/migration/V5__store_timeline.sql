-- The histories that this log has had. A failover that lost the last events, or a restore, begins another: positions
-- after the event that both share are then given again, to other events. Whoever was told of a position is told
-- by the number of its timeline whether it is still the same event.
create table store_timeline (
  number            int         primary key,
  -- Of the server, and of its write-ahead log: PostgreSQL counts a timeline for each promotion and recovery.
  system_identifier bigint      not null,
  wal_timeline      text        not null,
  -- The last event when it began: the last that it shares with the one before.
  begins_after      bigint      not null,
  noted_at          timestamptz not null default clock_timestamp()
);

insert into store_timeline (number, system_identifier, wal_timeline, begins_after)
select 1, system_identifier, substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8), 0 from pg_control_system();

-- Begins another timeline when the server is not the one that the last was noted on, or when the event that the caller has
-- seen at a position is gone; known is the highest number that it has heard of. Returns the number of the timeline that counts. To be called before
-- anything is appended on a new connection: whoever comes later would share more than it may.
create function note_timeline(known int, seen_position bigint, seen_event uuid) returns int
  language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
  last public.store_timeline;
  here bigint := (select system_identifier from pg_control_system());
  line text := substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8);
begin
  for attempt in 1..2 loop
    select * into strict last from public.store_timeline order by number desc limit 1;
    if last.system_identifier = here and last.wal_timeline = line
       and (last.number > known
            or last.number = known
               and (seen_event is null
                    or exists (select from public.domain_event
                               where "position" = seen_position and event_id = seen_event))) then
      return last.number;
    end if;
    -- The append's lock: nothing is stored meanwhile, and one node notes it for all.
    perform pg_advisory_xact_lock(4919131752989213764);
  end loop;
  -- Rows of this table may be lost as well: no number is given twice.
  insert into public.store_timeline (number, system_identifier, wal_timeline, begins_after)
  values (greatest(last.number, known) + 1, here, line,
          coalesce((select position from public.domain_event order by position desc limit 1), 0));
  return greatest(last.number, known) + 1;
end $$;
revoke execute on function note_timeline(int, bigint, uuid) from public;

-- Whoever meets another timeline of the store notes it.
grant select, insert on store_timeline to imports_appender, imports_projector;
grant execute on function note_timeline(int, bigint, uuid) to imports_appender, imports_projector;
-- What reads of a replica compare.
grant select on store_timeline to imports_reader, imports_viewer;
