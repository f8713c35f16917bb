#!/bin/bash
# Makes the roles and the database of infra/docs/operations.md in a new primary, and has commits wait for the standby.
set -euo pipefail
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d postgres \
  -v owner="$IMPORTS_OWNER_PASSWORD" -v command="$IMPORTS_COMMAND_PASSWORD" -v query="$IMPORTS_QUERY_PASSWORD" \
  -v reads="$IMPORTS_READS_PASSWORD" -v auditor="$IMPORTS_AUDITOR_PASSWORD" -v replication="$IMPORTS_REPLICATION_PASSWORD" <<'SQL'
create role imports_appender nologin;
create role imports_projector nologin;
create role imports_viewer nologin;
create role imports_reader nologin;
create role imports_owner login password :'owner';
create role imports_command login password :'command' in role imports_appender;
create role imports_query login password :'query' in role imports_projector;
create role imports_reads login password :'reads' in role imports_viewer;
create role auditor login password :'auditor' in role imports_reader;
create role imports_replication login replication password :'replication';
create database imports owner imports_owner encoding 'UTF8';
-- from the next start on, on the standby as well: enough connections for all nodes, and WAL for a standby that was away
alter system set max_connections = 200;
alter system set wal_keep_size = '512MB';
-- nothing commits before the standby has it
alter system set synchronous_standby_names = 'standby';
SQL
echo "host replication imports_replication all scram-sha-256" >>"$PGDATA/pg_hba.conf"
