-- Events that the generation that is being rebuilt could not take, and those that wait behind them. They count, in
-- parked_event, when it goes live; the next rebuild begins with none.
create table parked_by_rebuild (
  position     bigint primary key,
  import_id    uuid   not null,
  organization uuid   not null,
  event_type   text   not null,
  error        text
);
create index parked_by_rebuild_import on parked_by_rebuild (import_id);
