#!/bin/sh
# Does what the entrypoint of the image `postgres` does: makes a cluster in an empty volume, with the
# user of POSTGRES_USER, its password and its database.
set -e
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    echo "$POSTGRES_PASSWORD" > /tmp/password
    initdb --username="$POSTGRES_USER" --pwfile=/tmp/password --auth=scram-sha-256
    rm /tmp/password
    echo "CREATE DATABASE $POSTGRES_USER;" | postgres --single postgres
    echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
fi
exec "$@" -c "listen_addresses=*"
