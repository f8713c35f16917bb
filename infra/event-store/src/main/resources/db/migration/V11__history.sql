-- Lists of the past go through an organization's imports in the order of their creation.
create index domain_event_creation on domain_event (organization, occurred_at desc, aggregate_id)
  where sequence_number = 0;
