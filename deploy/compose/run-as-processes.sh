#!/usr/bin/env bash
# Starts the composition as plain processes, with the files that the containers get: a coordinator,
# mosquitto with TLS and dynamic security, two agents; runs a round and ends well only if it closed
# with both devices' reports. Needs mosquitto 2 with mosquitto_ctrl, python3, and a build (mvn package).
#
#   --work DIR    where data and logs go (default: a new temporary folder, deleted after success)
#   --model NAME  the coordinator's language model (default: that of coordinator.env)
#   --native      the native coordinator (mvn package -Dnative)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=$(cd "$here/../.." && pwd)
PATH=$PATH:/usr/sbin

say() { printf '[%4d s] %s\n' "$SECONDS" "$*"; }
die() { echo "run-as-processes: $*" >&2; exit 2; }

work=
model=
native=()
while [ $# -gt 0 ]; do
  case $1 in
    --native) native=(--native); shift; continue ;;
    --work|--model) [ $# -ge 2 ] || die "$1 needs a value" ;;
    *) die "expected --work DIR, --model NAME or --native, but there is '$1'" ;;
  esac
  case $1 in
    --work) work=$2 ;;
    --model) model=$2 ;;
  esac
  shift 2
done
for program in mosquitto mosquitto_ctrl python3; do
  command -v "$program" > /dev/null || die "there is no $program here; on Debian: apt-get install mosquitto python3"
done
keep=$work
if [ -z "$work" ]; then work=$(mktemp -d); fi
mkdir -p "$work/logs"
work=$(cd "$work" && pwd)

pids=()
finish() {
  local status=$?
  for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2> /dev/null || true; done
  if [ "$status" -ne 0 ]; then
    tail -n 30 "$work"/logs/*.log >&2
    echo "run-as-processes: failed; logs and data are in $work" >&2
  elif [ -z "$keep" ]; then
    rm -rf "$work"
  fi
}
trap finish EXIT

wait_for() { # what seconds command...
  local what=$1 end=$((SECONDS + $2))
  shift 2
  until "$@" > /dev/null 2>&1; do
    for pid in "${pids[@]}"; do kill -0 "$pid" 2> /dev/null || die "a process ended while waiting for $what"; done
    [ "$SECONDS" -lt "$end" ] || die "$what did not come"
    sleep 1
  done
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

"$here/prepare.sh" "$work"
port=$(free_port)

say "coordinator"
(
  set -a
  # shellcheck source=deploy/compose/coordinator.env
  . "$here/coordinator.env"
  set +a
  export QUARKUS_HTTP_HOST=127.0.0.1
  export QUARKUS_HTTP_PORT=0
  export CROSSLM_PUBLIC_HOST=localhost
  export CROSSLM_MQTT_BROKER=mqtts://localhost:$port
  export CROSSLM_MQTT_PASSWORD_FILE=$work/broker-password
  export CROSSLM_MQTT_CERTIFICATE_DIR=$work/broker/certificates
  export CROSSLM_DATA_DIR=$work/crosslm-data
  if [ -n "$model" ]; then export CROSSLM_LLM_MODEL=$model; fi
  exec "$home/crosslm" serve "${native[@]}"
) > "$work/logs/coordinator.log" 2>&1 &
pids+=($!)

say "mosquitto on port $port"
PORT=$port ADDRESS=127.0.0.1 CERTIFICATES=$work/broker/certificates DATA=$work/broker/data \
  PASSWORD_FILE=$work/broker-password CONNECTIONS=100 \
  "$here/../mosquitto/start.sh" > "$work/logs/mosquitto.log" 2>&1 &
pids+=($!)

# The operator's commands find address, authority and token in crosslm-data of their folder.
crosslm() { (cd "$work" && "$home/crosslm" "$@"); }
ready() {
  local address
  address=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["http"])' "$work/crosslm-data/endpoints.json") &&
    curl --silent --fail --cacert "$work/crosslm-data/tls/ca.pem" "$address/q/health/ready"
}
wait_for "the coordinator with its broker" 180 ready
say "coordinator and broker are ready"

crosslm task add tasks/repair-shop.json > "$work/logs/operator.log"
for agent in 1 2; do
  mkdir -p "$work/agents/agent-$agent/storage"
  sed -e "s|/var/lib/crosslm-agent|$work/agents/agent-$agent/storage|; s|/srv/texts|$work/agents/agent-$agent|" \
    "$here/agents/agent.properties" > "$work/agents/agent-$agent/agent.properties"
  code=$(crosslm device invite --task repair-shop --name "agent-$agent" | grep -o 'crosslm://[^ ]*')
  "$home/crosslm" agent --config "$work/agents/agent-$agent/agent.properties" --enrol "$code" \
    > "$work/logs/agent-$agent.log" 2>&1 &
  pids+=($!)
done
both_online() { [ "$(crosslm device list --json | python3 -c 'import json, sys; print(sum(d["online"] for d in json.load(sys.stdin)["devices"]))')" = 2 ]; }
wait_for "the agents" 120 both_online
say "two agents are online"

crosslm round start repair-shop --wait
crosslm round show repair-shop 1 --json > "$work/round.json"
python3 - "$work/round.json" <<'PYTHON'
import json, sys

found = json.load(open(sys.argv[1]))
for key, expected in {"step": "CLOSED", "scoreReports": 2, "trainingReports": 2}.items():
    assert found[key] == expected, f"{key}: expected {expected}, but it is {found[key]}"
PYTHON
# What came over the wire came with TLS: the broker has no other listener.
[ "$(grep -c '^listener' "$work/broker/data/mosquitto.conf")" = 1 ]
grep -q '^certfile' "$work/broker/data/mosquitto.conf"
say "the round is CLOSED with the reports of two devices, over mosquitto with TLS"
