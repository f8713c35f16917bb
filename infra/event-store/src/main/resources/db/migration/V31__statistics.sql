-- A table that was just filled has no statistics: until autovacuum comes by, PostgreSQL would take a page of a long
-- list for a few rows and sort them all.
create function analyze_import_row(slot int) returns void
  language plpgsql security definer set search_path from current as $$
begin
  execute format('analyze import_row_%s', slot);
end $$;
