#!/bin/bash
# Runs once, when compose makes the data directory: the role that Grafana asks with. It owns nothing and is granted nothing;
# the views of the schema `dashboard` are for everyone who may connect. Its settings are defaults, which a session may change,
# so what could hold up recording or fill the disk is taken from everyone: advisory locks and temporary tables.
psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" \
  --set=password="$POSTGRES_READER_PASSWORD" <<'SQL'
CREATE ROLE onboarding_reader LOGIN PASSWORD :'password' CONNECTION LIMIT 10;
ALTER ROLE onboarding_reader SET default_transaction_read_only = on;
ALTER ROLE onboarding_reader SET statement_timeout = '10s';
REVOKE TEMPORARY ON DATABASE :"DBNAME" FROM PUBLIC;
SELECT format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', oid::regprocedure)
FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND proname LIKE 'pg\_%advisory%' \gexec
SQL
