-- For operators: what the record in the topic imports.relay says of events that could not be published. The relay
-- writes it anew from that record, which is the truth, whenever it begins and whenever the record changes.
create table parked_publication (
  position     bigint      primary key,
  import_id    uuid        not null,
  -- Why it could not be published; null while its import is being published from here on.
  error        text,
  attempts     int         not null,
  parked_at    timestamptz not null,
  discarded_at timestamptz
);
create index parked_publication_import on parked_publication (import_id);

-- What operators asked for: done by whichever node publishes, and kept, so that it is known who decided what.
create table publication_request (
  id           bigint      generated always as identity primary key,
  position     bigint      not null,
  discard      boolean     not null,
  requested_by text        not null,
  requested_at timestamptz not null default clock_timestamp(),
  taken_at     timestamptz,
  finished_at  timestamptz,
  -- How many events were published then.
  applied      bigint,
  -- Why it was not done.
  refused      text
);
create index publication_request_open on publication_request (id) where finished_at is null;

grant select, insert, update, delete on parked_publication, publication_request to imports_appender;
grant select on parked_publication, publication_request to imports_reader;
