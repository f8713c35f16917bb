-- How far a projection is, with the last event of each organization and how many of its events are parked: from one snapshot,
-- since a stable function has that of the statement that calls it. held says whether the store has the event that the
-- projection met at its position. The plan is pinned: PostgreSQL would read all of a table while it is small, and go on
-- with that plan while it grows.
create function look_at_organizations(of_projection text, organizations uuid[])
  returns table (projected bigint, held boolean, generation bigint, organization uuid, last bigint, parked bigint)
  language plpgsql stable set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan
  set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
#variable_conflict use_column
begin
  return query
  with at as materialized (
    select position, event_id is null or public.has_domain_event(p.position, p.event_id) as held
    from (select position, event_id from public.projection_position where name = of_projection order by batch desc limit 1) p
  )
  select at.position, at.held, r.generation, o.id,
         coalesce((select position from public.domain_event where organization = o.id order by position desc limit 1), 0),
         (select count(*) from public.parked_event
          where projection = of_projection and organization = o.id and discarded_at is null)
  from at, public.projection r, unnest(organizations) o (id)
  where r.name = of_projection;
end $$;
