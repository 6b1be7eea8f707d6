#!/usr/bin/env bash
# Writes what the composition needs beside its files: the coordinator's password at the broker, the
# task, and for each of the two agents 48 texts of the demo's own data. Usage: prepare.sh [FOLDER]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:-$here}
resources=$here/../../coordinator/tools/src/main/resources/io/crosslm/tools

mkdir -p "$folder/tasks" "$folder/agents/agent-1" "$folder/agents/agent-2"
if [ ! -f "$folder/broker-password" ]; then
  # Readable by the containers' user, who is not the one who runs this.
  od -An -N32 -tx1 /dev/urandom | tr -d ' \n' > "$folder/broker-password"
  chmod 644 "$folder/broker-password"
fi

python3 - "$resources" "$folder" <<'PYTHON'
import json, pathlib, sys

resources, folder = map(pathlib.Path, sys.argv[1:])
task = json.loads((resources / "task" / "repair-shop.json").read_text())
# Two devices and a small model of the coordinator: a short round.
task["settings"] |= {"samplesPerRound": 32, "minimumReports": 2}
(folder / "tasks" / "repair-shop.json").write_text(json.dumps(task, indent=2) + "\n")

lines = (resources / "data" / "repair-shop.jsonl").read_text().splitlines()
training = [line for line in lines if json.loads(line)["split"] == "train"]
for agent in 1, 2:
    own = training[(agent - 1) * 48 : agent * 48]
    (folder / "agents" / f"agent-{agent}" / "training.jsonl").write_text("\n".join(own) + "\n")
PYTHON
