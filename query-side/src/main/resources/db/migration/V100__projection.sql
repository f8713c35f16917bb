-- Which of its two tables is live: table = generation % 2; the other takes the next generation when it is rebuilt.
-- During the comparison at the end of a rebuild every batch is applied to shadow_generation as well, so that any snapshot
-- shows both at one position. The row is the lock of whoever applies the next batch.
create table projection (
  name              text   primary key,
  generation        bigint not null default 0,
  shadow_generation bigint
);

-- How far a projection is, with the id of that event, so that a store that went back is noticed: a row for each batch, of
-- which the last counts. A row that is updated with each batch and read by every request grows a chain of dead versions
-- beside an open snapshot; nothing is dead at the right edge of an index. A projection begins with a hundred rows, as
-- many as are kept: a table of one row PostgreSQL would plan to read from end to end, and keep that plan.
create table projection_position (
  name     text   not null,
  batch    bigint not null,
  position bigint not null,
  event_id uuid,
  -- Who moved it, for operators alone.
  node     text,
  primary key (name, batch)
);

grant select, insert, update, delete on projection, projection_position to imports_projector;
grant select on projection, projection_position to imports_reader, imports_viewer;
