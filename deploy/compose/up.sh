#!/usr/bin/env bash
# Builds and starts the composition, enrols its two agents and runs a round.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

./prepare.sh
docker compose up --detach --build coordinator mosquitto
until docker compose exec -T coordinator curl --silent --fail --insecure https://localhost:8080/q/health/ready > /dev/null; do
  echo "waiting for coordinator and broker ..."
  sleep 5
done

# The task may be there from an earlier start.
docker compose exec -T coordinator crosslm task show repair-shop > /dev/null 2>&1 ||
  docker compose exec -T coordinator crosslm task add /tasks/repair-shop.json
if [ ! -f .env ]; then
  # In two steps: half a file would be taken for a whole one by the next start.
  for agent in 1 2; do
    code=$(docker compose exec -T coordinator crosslm device invite --task repair-shop --name "agent-$agent" | grep -o 'crosslm://[^ ]*')
    echo "AGENT_${agent}_CODE='$code'"
  done > .env.part
  mv .env.part .env
fi
docker compose --profile devices up --detach --build
docker compose exec -T coordinator crosslm round start repair-shop --wait
