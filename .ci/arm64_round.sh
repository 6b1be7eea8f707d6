#!/usr/bin/env bash
# A round with the agent's arm64 archive: its processes run on this machine under qemu's user mode, with Debian's
# arm64 Java. Nothing is installed: the packages are fetched and unpacked into a cache folder. Needs a built tree
# and the language model; for each engine that is named (onnx, tflite; default: tflite) one agent takes part.
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
engines=("$@")
[ $# -gt 0 ] || engines=(tflite)

export CROSSLM_CACHE=${CROSSLM_CACHE:-$HOME/.cache/crosslm} OMP_WAIT_POLICY=PASSIVE
cache=$CROSSLM_CACHE/arm64
work=$(mktemp -d)
children=()
say() { printf '[%3d s] %s\n' "$SECONDS" "$*"; }

end() {
  local status=$?
  for child in "${children[@]}"; do kill "$child" 2> /dev/null || true; done
  wait
  if [ $status -ne 0 ]; then tail -n 25 "$work"/*.log; fi
  rm -rf "$work"
  exit $status
}
trap end EXIT

# An apt of its own for the other architecture: lists, state and cache in a folder, the system's sources and keys.
fetch() {
  local into=$1 apt
  mkdir -p "$into"/{apt/lists/partial,apt/archives/partial,debs,root,qemu}
  : > "$into/apt/status"
  apt=(apt-get -q -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=root -o Dir::State="$into/apt"
    -o Dir::State::lists="$into/apt/lists" -o Dir::State::status="$into/apt/status" -o Dir::Cache="$into/apt")
  "${apt[@]}" update
  (cd "$into/debs" && "${apt[@]}" download openjdk-17-jre-headless libc6 libgcc-s1 libstdc++6 zlib1g)
  for package in "$into"/debs/*.deb; do dpkg -x "$package" "$into/root"; done
  (cd "$into/debs" && apt-get -q -o APT::Sandbox::User=root download qemu-user-static)
  dpkg -x "$into"/debs/qemu-user-static_*.deb "$into/qemu"
  rm -rf "$into/apt" "$into/debs"
}

if [ ! -d "$cache" ]; then
  say "Java for arm64 and qemu, unpacked into $cache"
  rm -rf "$cache.new"
  fetch "$cache.new" > "$work/fetch.log" 2>&1
  mv "$cache.new" "$cache"
fi
mkdir -p "$work/java/bin"
# A Cortex-A72, as in a Raspberry Pi 4. On the processor that qemu takes by itself, which has everything, scoring took more than six
# times as long and outlasted the round's deadline.
cat > "$work/java/bin/java" << SCRIPT
#!/bin/sh
export QEMU_CPU=\${QEMU_CPU:-cortex-a72}
exec "$cache/qemu/usr/bin/qemu-aarch64-static" -L "$cache/root" "$cache/root/usr/lib/jvm/java-17-openjdk-arm64/bin/java" "\$@"
SCRIPT
chmod +x "$work/java/bin/java"
architecture=$("$work/java/bin/java" -XshowSettings:properties -version 2>&1 | sed -n 's/ *os.arch = //p')
[ "$architecture" = aarch64 ] || { echo "expected Java for aarch64, found '$architecture'" >&2; exit 1; }
say "Java for $architecture runs"

# The archive, unpacked as a user does; its start script takes JAVA_HOME, the coordinator keeps this machine's Java.
mkdir "$work/agent"
tar xzf "$repository"/edge-sdk/agent/target/crosslm-agent-*-linux-aarch64.tar.gz -C "$work/agent" --strip-components 1
agent() { env JAVA_HOME="$work/java" "$work/agent/bin/crosslm-agent" "$@"; }
crosslm() { "$repository/crosslm" "$@"; }

await() { # seconds, file, pattern
  for _ in $(seq $(($1 * 2))); do
    if grep -qs -- "$3" "$2"; then return; fi
    for child in "${children[@]}"; do kill -0 "$child" 2> /dev/null || { echo "a process has ended" >&2; return 1; }; done
    sleep 0.5
  done
  echo "expected '$3' in $2 within $1 s" >&2
  return 1
}

# A small task: 16 texts, no tuning, one round. The first half of the data is for the first agent, and so on.
python3 - "$repository" "$work" "${engines[@]}" << 'PYTHON'
import json, sys
repository, work, *engines = sys.argv[1:]
resources = repository + "/coordinator/tools/src/main/resources/io/crosslm/tools/"
task = json.load(open(resources + "task/repair-shop.json", encoding="utf-8"))
task.pop("data", None)
task["settings"] = {"samplesPerRound": 16, "completionsPerPrompt": 4, "maxNewTokens": 24, "stopTuningAt": 0, "poolThreshold": 0,
                    "trainingEpochs": 10, "minimumReports": len(engines), "quorum": 1, "engines": sorted(set(engines))}
json.dump(task, open(work + "/task.json", "w", encoding="utf-8"))
rows = [json.loads(line) for line in open(resources + "data/repair-shop.jsonl", encoding="utf-8")]
for i in range(len(engines)):
    with open(f"{work}/data-{i}.jsonl", "w", encoding="utf-8") as file:
        for row in rows[24 * i : 24 * (i + 1)]:
            file.write(json.dumps({"text": row["text"], "label": row["label"]}) + "\n")
PYTHON

cd "$work"
say "a coordinator with TLS"
"$repository/crosslm" serve --port 0 --mqtt-port 0 --tls on > coordinator.log 2>&1 &
children+=($!)
await 180 crosslm-data/endpoints.json '"http"'
crosslm task add task.json

for i in "${!engines[@]}"; do
  code=$(crosslm device invite --task repair-shop --name "arm64-$i-${engines[$i]}" | grep -o 'crosslm://[^ ]*')
  printf '%s\n' "enrolment-code = $code" "storage = storage-$i" "engine = ${engines[$i]}" \
    "task.repair-shop.training = data-$i.jsonl" > "agent-$i.properties"
  JAVA_HOME="$work/java" "$work/agent/bin/crosslm-agent" --config "agent-$i.properties" > "agent-$i.log" 2>&1 &
  children+=($!)
done
for i in "${!engines[@]}"; do await 300 "agent-$i.log" "connected to"; done
say "${#engines[@]} arm64 agents are connected"

crosslm round start repair-shop --wait | tee round.log
for i in "${!engines[@]}"; do
  await 30 "agent-$i.log" "training delivered: accepted"
  sed -n -e '/trained/p' -e '/scored/p' -e '/delivered/p' "agent-$i.log" | sed "s/^/  ${engines[$i]}: /"
  # Its own view of the round, from the archive's command.
  agent status --config "agent-$i.properties" --json > "status-$i.json"
done
crosslm round show repair-shop 1 --json > round.json
python3 - "${#engines[@]}" << 'PYTHON'
import json, re, sys
agents = int(sys.argv[1])
shown = json.load(open("round.json", encoding="utf-8"))
assert shown["step"] == "CLOSED", shown["step"]
assert shown["scoreReports"] == agents, shown["scoreReports"]
assert len(shown["outcome"]["devices"]) == agents, shown["outcome"]["devices"]
for i in range(agents):
    status = json.load(open(f"status-{i}.json", encoding="utf-8"))
    assert status["running"] and status["connected"], status
    task = status["tasks"][0]
    assert task["round"]["scores"] == task["round"]["training"] == "accepted", task
    assert task["delivered"]["reports"] == 2 and task["waiting"]["reports"] == 0, task
    read = int(re.search(r"(\d+) examples to train", open(f"agent-{i}.log", encoding="utf-8").read()).group(1))
    assert task["model"]["examples"] == read > 0, task
PYTHON
say "round 1 is closed with the reports of ${#engines[@]} arm64 agents: ${engines[*]}"
