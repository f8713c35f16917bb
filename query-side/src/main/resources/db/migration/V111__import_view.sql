-- The live rows, for people and other programs. The service reads the tables: through the view PostgreSQL would sort
-- each list instead of walking an index.
create view import_view with (security_invoker = true) as
  select id, org_id, campaign_id, source, file_name, status, total_rows, created_at, updated_at
  from import_row_0 where (select generation % 2 from projection where name = 'imports') = 0
  union all
  select id, org_id, campaign_id, source, file_name, status, total_rows, created_at, updated_at
  from import_row_1 where (select generation % 2 from projection where name = 'imports') = 1;

-- Rows can be written through it, for repairs and tests by hand. They get the sequence number of their import's last event.
create function write_import_view() returns trigger
  language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
  live text := public.import_row_name((select generation % 2 from public.projection where name = 'imports')::int);
begin
  if tg_op <> 'INSERT' then
    execute pg_catalog.format('delete from public.%I where id = $1', live) using old.id;
  end if;
  if tg_op = 'DELETE' then
    return old;
  end if;
  execute pg_catalog.format(
    'insert into public.%I (id, org_id, campaign_id, source, file_name, status, total_rows, created_at, updated_at, sequence)
     select ($1).*, coalesce((select max(sequence_number) from public.domain_event where aggregate_id = ($1).id), 0)',
    live) using new;
  return new;
end $$;
create trigger import_view_write instead of insert or update or delete on import_view
  for each row execute function write_import_view();

grant select, insert, update, delete on import_view to imports_projector;
grant select on import_view to imports_reader;
