#!/bin/bash
# Makes the data directory on the first start, and then runs the server as the user postgres.
set -euo pipefail

main() {
  [[ ${1-} != -* ]] || set -- postgres "$@"
  [[ ${1-} == postgres ]] || exec "$@"
  [[ $(id -u) != 0 ]] || become_postgres "$@"
  [[ -s $PGDATA/PG_VERSION ]] || make_data_directory
  exec "$@"
}

become_postgres() {
  mkdir -p "$PGDATA"
  chown -R postgres:postgres "$PGDATA" /var/run/postgresql
  chmod 0700 "$PGDATA"
  exec setpriv --reuid=postgres --regid=postgres --init-groups "${BASH_SOURCE[0]}" "$@"
}

make_data_directory() {
  user=${POSTGRES_USER:-postgres}
  database=${POSTGRES_DB:-$user}
  method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  if [[ -z ${POSTGRES_PASSWORD-} && $method != trust ]]; then
    echo 'Error: no superuser password: set POSTGRES_PASSWORD' >&2
    exit 1
  fi
  # shellcheck disable=SC2086 # POSTGRES_INITDB_ARGS holds several words
  initdb --username="$user" --pwfile=<(printf '%s\n' "${POSTGRES_PASSWORD-}") --pgdata="$PGDATA" \
    --auth=trust --encoding=UTF8 --locale=C.UTF-8 ${POSTGRES_INITDB_ARGS-} >/dev/null
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
  # /var/run/postgresql as in the public image; /tmp is where the wheel's own commands look.
  printf "\nlisten_addresses = '*'\nunix_socket_directories = '/var/run/postgresql, /tmp'\n" >>"$PGDATA/postgresql.conf"
  fill
  echo 'PostgreSQL init process complete; ready for start up.'
}

# Makes the database and runs the files of /docker-entrypoint-initdb.d, while no one outside can connect.
fill() {
  export PGHOST=/var/run/postgresql PGUSER=$user
  pg_ctl --pgdata="$PGDATA" --options="-c listen_addresses=''" --wait start >/dev/null
  [[ $database == postgres ]] || sql --dbname=postgres --set=database="$database" <<<'CREATE DATABASE :"database";'
  for file in /docker-entrypoint-initdb.d/*; do
    # shellcheck source=/dev/null
    case $file in
      *.sh) source "$file" ;;
      *.sql) sql --dbname="$database" --file="$file" ;;
    esac
  done
  pg_ctl --pgdata="$PGDATA" --mode=fast --wait stop >/dev/null
  unset PGHOST PGUSER
}

sql() { psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 "$@"; }

main "$@"
