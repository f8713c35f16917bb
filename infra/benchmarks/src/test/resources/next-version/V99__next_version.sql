-- What a next version might add before its first node runs: nothing that the version before has to know of.
alter table domain_event add column next_version text;
alter table visible_import_0 add column next_version text not null default 'none';
alter table visible_import_1 add column next_version text not null default 'none';
create table next_version (id uuid primary key);
grant select, insert on next_version to imports_projector, imports_appender;
