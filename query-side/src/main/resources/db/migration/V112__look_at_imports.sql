-- Rows of imports and, from the same snapshot, how far the projection is, which of them have events that the rows do not show
-- yet (with the position of the last one), and which have a parked event. The plan is pinned, as that of
-- look_at_organizations. Requests of several organizations share
-- a look: it tells of which each event is. There is one row without an import when no row is found.
do $each$
declare
  slot text;
begin
  foreach slot in array array['0', '1'] loop
    execute pg_catalog.replace($sql$
      create function look_at_imports_N(ids uuid[])
        returns table (projected bigint, held boolean, generation bigint, late uuid[], late_of uuid[], late_to bigint[],
          blocked uuid[],
          id uuid, org_id uuid, campaign_id uuid, source text, file_name text, status text, total_rows bigint,
          created_at timestamptz, updated_at timestamptz, sequence bigint)
        language plpgsql stable set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan
        set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
      #variable_conflict use_column
      declare
        head bigint;
      begin
        select position, event_id is null or public.has_domain_event(p.position, p.event_id), r.generation, public.domain_event_head(),
               (select array_agg(distinct import_id) from public.parked_event
                where projection = 'imports' and import_id = any (ids) and discarded_at is null)
        into projected, held, generation, head, blocked
        from (select position, event_id from public.projection_position where name = 'imports' order by batch desc limit 1) p,
             public.projection r
        where r.name = 'imports';
        -- A few events are looked through once for all imports. When the projection is far behind, each import is looked up.
        if head > projected + 256 then
          select array_agg(i), array_agg(organization), array_agg(last) into late, late_of, late_to
          from unnest(ids) i, lateral (select organization, position as last from public.domain_event where aggregate_id = i
                                       order by sequence_number desc limit 1) e
          where last > projected;
        elsif head > projected then
          select array_agg(aggregate_id order by position), array_agg(organization order by position),
                 array_agg(position order by position)
          into late, late_of, late_to
          from public.domain_event where position > projected and aggregate_id = any (ids);
        end if;
        return query
        select projected, held, generation, late, late_of, late_to, blocked, v.id, v.org_id, v.campaign_id, v.source,
               v.file_name, v.status, v.total_rows, v.created_at, v.updated_at, v.sequence
        from (select) one left join public.visible_import_N v on v.id = any (ids);
      end $$
      $sql$, '_N', '_' || slot);
  end loop;
end $each$;
