-- Which store this is, where organizations are placed on several (imports.placement.store). The first node that is told says it; from
-- then on a node that is told another name, or none, does not serve.
create table store_name (
  is_only  boolean     primary key default true check (is_only),
  name     text        not null,
  noted_at timestamptz not null default clock_timestamp()
);

grant select, insert on store_name to imports_appender, imports_projector;
grant select on store_name to imports_reader;
