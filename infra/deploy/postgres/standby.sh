#!/bin/bash
# A standby of the host PRIMARY, copied from it at the first start. `pg_ctl promote` makes it the primary.
set -euo pipefail
PATH=$PATH:$(printf '%s:' /usr/lib/postgresql/*/bin)
if [ "$(id -u)" = 0 ]; then
  install -d -o postgres -g postgres -m 700 "$PGDATA"
  install -d -o postgres -g postgres /var/run/postgresql
  exec setpriv --reuid=postgres --regid=postgres --init-groups bash "$0"
fi
export PGPASSWORD=$IMPORTS_REPLICATION_PASSWORD
until [ -s "$PGDATA/PG_VERSION" ]; do
  echo "Copying the primary"
  find "$PGDATA" -mindepth 1 -delete
  pg_basebackup --pgdata="$PGDATA" --write-recovery-conf --wal-method=stream --checkpoint=fast --no-password \
    --dbname="host=$PRIMARY user=imports_replication application_name=standby" || { find "$PGDATA" -mindepth 1 -delete; sleep 1; }
done
# once it is the primary, it waits for nobody until it has a standby of its own
exec postgres -c listen_addresses='*' -c synchronous_standby_names='' -c hot_standby=on
