-- The filters of the list that V3 has no index for; those of created_at use the lists' own order.
create index import_view_source on import_view (org_id, source, created_at desc, id);
create index import_view_updated on import_view (org_id, updated_at);
