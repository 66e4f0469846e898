#!/bin/sh
# Runs once, on an empty data volume: a role each for Wayfare's store and for Temporal, so that neither can touch the
# other's tables. Temporal's own schema tool creates its two databases, hence CREATEDB.
set -eu
psql --no-psqlrc --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 \
    --set store_password="$STORE_PASSWORD" --set temporal_password="$TEMPORAL_PASSWORD" <<'SQL'
CREATE ROLE wayfare LOGIN PASSWORD :'store_password';
CREATE ROLE temporal LOGIN CREATEDB PASSWORD :'temporal_password';
CREATE DATABASE wayfare OWNER wayfare;
REVOKE CONNECT ON DATABASE wayfare FROM PUBLIC;
SQL
