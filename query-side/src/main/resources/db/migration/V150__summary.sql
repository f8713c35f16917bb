-- What the summary of an organization is added up from, in two sets of tables as the imports are: one for the live
-- generation, the other for the next. What an import counts as now:
create table summary_import_0 (
  id           uuid   primary key,
  organization uuid   not null,
  status       text   not null,
  source       text   not null,
  campaign_id  uuid,
  total_rows   bigint not null
);
create table summary_import_1 (like summary_import_0 including all);

-- What is counted apart: the imports that there are (day is null), and what happened on a day. The id is a hash of the
-- rest, so that whoever counts needs not look it up.
create table summary_cell_0 (
  id           uuid primary key,
  organization uuid not null,
  status       text not null,
  source       text not null,
  campaign_id  uuid,
  day          date
);
create index summary_cell_0_day on summary_cell_0 (organization, day);
create index summary_cell_0_campaign on summary_cell_0 (organization, campaign_id, day) where campaign_id is not null;
create table summary_cell_1 (like summary_cell_0);
alter table summary_cell_1 add primary key (id);
create index summary_cell_1_day on summary_cell_1 (organization, day);
create index summary_cell_1_campaign on summary_cell_1 (organization, campaign_id, day) where campaign_id is not null;

-- How much that is: a row for each change, of which the last counts. As with projection_position it is inserted and read
-- backward, so that no snapshot that is held open makes a look longer.
create table summary_count_0 (
  cell         uuid    not null,
  version      bigint  not null,
  imports      bigint  not null,
  total_rows   numeric not null,
  created      bigint  not null,
  completed    bigint  not null,
  failed       bigint  not null,
  -- Of the cell, for the policy.
  organization uuid    not null,
  primary key (cell, version)
);
create table summary_count_1 (like summary_count_0 including all);

grant select, insert, update, delete on summary_import_0, summary_import_1, summary_cell_0, summary_cell_1,
  summary_count_0, summary_count_1 to imports_projector;
grant select on summary_import_0, summary_import_1, summary_cell_0, summary_cell_1, summary_count_0, summary_count_1
  to imports_reader;

-- What requests read of it.
grant select on summary_cell_0, summary_cell_1, summary_count_0, summary_count_1 to imports_viewer;
do $each$
declare
  name text;
begin
  foreach name in array array['summary_cell_0', 'summary_cell_1', 'summary_count_0', 'summary_count_1'] loop
    execute pg_catalog.format('alter table %I enable row level security', name);
    execute pg_catalog.format(
      'create policy all_organizations on %I to imports_projector, imports_reader using (true)', name);
    execute pg_catalog.format(
      'create policy visible_organizations on %I for select to imports_viewer
       using (array_position((select visible_organizations()), organization) is not null)', name);
  end loop;
end $each$;

-- The functions of both sets differ by their number only. Their plans are pinned: of a small table PostgreSQL would rather
-- read all, with every dead version, and keep that plan. What a batch adds is planned once: planning cost more than adding.
do $each$
declare
  slot text;
begin
  foreach slot in array array['0', '1'] loop
    -- What the counts of a cell gain, each cell once. With a cell of a new day some of those that nobody is shown any more
    -- are forgotten.
    execute pg_catalog.replace($sql$
      create function add_to_summary_N(cells uuid[], organizations uuid[], statuses text[], sources text[],
        campaigns uuid[], days date[], imports bigint[], total_rows numeric[], created bigint[], completed bigint[],
        failed bigint[], forgotten date) returns void
        language plpgsql set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_generic_plan
        set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
      #variable_conflict use_column
      begin
        with fresh as (
          insert into public.summary_cell_N
          select * from unnest(cells, organizations, statuses, sources, campaigns, days)
          on conflict (id) do nothing
          returning organization, day
        ), old as (
          delete from public.summary_cell_N where id in (
            select c.id from (select distinct organization from fresh where day is not null) f
            cross join lateral (
              select id from public.summary_cell_N where organization = f.organization and day < forgotten limit 1000
            ) c)
          returning id
        )
        delete from public.summary_count_N n using old where n.cell = old.id;

        with counted as (
          select g.cell, g.organization, n.version, coalesce(n.imports, 0) + g.imports as imports,
                 coalesce(n.total_rows, 0) + g.total_rows as total_rows, coalesce(n.created, 0) + g.created as created,
                 coalesce(n.completed, 0) + g.completed as completed, coalesce(n.failed, 0) + g.failed as failed
          from unnest(cells, organizations, imports, total_rows, created, completed, failed)
               g (cell, organization, imports, total_rows, created, completed, failed)
          left join lateral (
            select * from public.summary_count_N where cell = g.cell order by version desc limit 1
          ) n on true
        ), superseded as (
          delete from public.summary_count_N n using counted
          where n.cell = counted.cell and n.version = counted.version
        )
        insert into public.summary_count_N
        select cell, coalesce(version, 0) + 1, imports, total_rows, created, completed, failed, organization from counted;
      end $$
      $sql$, '_N', '_' || slot);

    -- What there is of an organization now, and what happened since a day; null does not restrict.
    execute pg_catalog.replace($sql$
      create function summary_N(of_organization uuid, of_status text, of_source text, of_campaign uuid, since date)
        returns table (status text, source text, campaign_id uuid, day date, imports bigint, total_rows numeric,
          created bigint, completed bigint, failed bigint)
        language plpgsql stable set search_path = pg_catalog, public, pg_temp set plan_cache_mode = force_custom_plan
        set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
      #variable_conflict use_column
      begin
        return query
        select c.status, c.source, c.campaign_id, c.day, n.imports, n.total_rows, n.created, n.completed, n.failed
        from (
          select * from public.summary_cell_N where organization = of_organization and day is null
          and (of_status is null or status = of_status) and (of_source is null or source = of_source)
          and (of_campaign is null or campaign_id = of_campaign)
          union all
          select * from public.summary_cell_N where organization = of_organization and day >= since
          and (of_status is null or status = of_status) and (of_source is null or source = of_source)
          and (of_campaign is null or campaign_id = of_campaign)
        ) c
        cross join lateral (
          select * from public.summary_count_N where cell = c.id order by version desc limit 1
        ) n;
      end $$
      $sql$, '_N', '_' || slot);
  end loop;
end $each$;

-- What follows runs as the owner of the tables, and is shut as its like for the imports is.
create function empty_summary(slot int) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if slot is null or slot not in (0, 1) then
    raise exception using errcode = 'invalid_parameter_value', message = 'The summary has the tables 0 and 1 only';
  end if;
  execute pg_catalog.format('truncate public.summary_import_%1$s, public.summary_cell_%1$s, public.summary_count_%1$s', slot);
end $$;
revoke execute on function empty_summary(int) from public;
grant execute on function empty_summary(int) to imports_projector;

create function analyze_summary(slot int) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if slot is null or slot not in (0, 1) then
    raise exception using errcode = 'invalid_parameter_value', message = 'The summary has the tables 0 and 1 only';
  end if;
  execute pg_catalog.format('analyze public.summary_import_%1$s, public.summary_cell_%1$s, public.summary_count_%1$s', slot);
end $$;
revoke execute on function analyze_summary(int) from public;
grant execute on function analyze_summary(int) to imports_projector;

insert into projection (name) values ('summary');
insert into projection_position (name, batch, position) select 'summary', batch, 0 from generate_series(1, 100) batch;
