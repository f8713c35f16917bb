-- Up to where a projection has come, with the id of that event, so that a store that went back is noticed.
create table projection (
  name     text   primary key,
  position bigint not null,
  event_id uuid
);
insert into projection (name, position) values ('imports', 0);

create table import_view (
  id          uuid        primary key,
  org_id      uuid        not null,
  campaign_id uuid,
  source      text        not null,
  file_name   text,
  status      text        not null,
  total_rows  bigint      not null,
  created_at  timestamptz not null,
  updated_at  timestamptz not null
);

-- Each list of the API, in its order.
create index import_view_list on import_view (org_id, created_at desc, id);
create index import_view_status on import_view (org_id, status, created_at desc, id);
create index import_view_campaign on import_view (org_id, campaign_id, created_at desc, id)
  where campaign_id is not null;
