-- How far a projection is: a row for each batch, of which the last counts. A row that is updated with each batch and read
-- by every request grows a chain of dead versions beside an open snapshot; nothing is dead at the right edge of an index.
create table projection_position (
  name     text   not null,
  batch    bigint not null,
  position bigint not null,
  event_id uuid,
  primary key (name, batch)
);

-- As many as are kept. A table of one row PostgreSQL would plan to read from end to end, and keep that plan.
insert into projection_position (name, batch, position, event_id)
select name, batch, position, event_id from projection, generate_series(1, 100) batch;

-- What remains is the lock of whoever applies the next batch, and which generation is live.
alter table projection drop column position, drop column event_id;
