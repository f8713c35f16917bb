create table if not exists plain_import (
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
create index if not exists plain_import_list on plain_import (org_id, created_at desc, id desc);
