#!/bin/bash
# Runs once, when compose makes the data directory: the role that Grafana asks with. It owns nothing and is granted nothing;
# the views of the schema `dashboard` are for everyone who may connect. 10 s: no panel may keep Postgres from recording.
psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" \
  --set=password="$POSTGRES_READER_PASSWORD" <<'SQL'
CREATE ROLE onboarding_reader LOGIN PASSWORD :'password' CONNECTION LIMIT 10;
ALTER ROLE onboarding_reader SET default_transaction_read_only = on;
ALTER ROLE onboarding_reader SET statement_timeout = '10s';
SQL
