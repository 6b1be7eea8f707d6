#!/bin/sh
# Starts mosquitto for CrossLM: waits for the certificate that the coordinator writes, makes the
# coordinator the administrator of dynamic security once, and fills in the configuration.
#
#   PORT           port to listen on (8883)
#   ADDRESS        address to listen on (0.0.0.0)
#   CERTIFICATES   folder of server.crt, server.key and ca.crt (/var/lib/crosslm-broker/certificates)
#   DATA           folder of the accounts and of the configuration that this script writes (/var/lib/crosslm-broker/data)
#   PASSWORD_FILE  file of the coordinator's password (/run/secrets/broker_password)
#   USER_NAME      the coordinator's user name (crosslm)
#   CONNECTIONS    most connections at once (10000)
#   TEMPLATE       the configuration (mosquitto.conf.template beside this script)
set -eu

port=${PORT:-8883}
address=${ADDRESS:-0.0.0.0}
certificates=${CERTIFICATES:-/var/lib/crosslm-broker/certificates}
data=${DATA:-/var/lib/crosslm-broker/data}
password_file=${PASSWORD_FILE:-/run/secrets/broker_password}
user_name=${USER_NAME:-crosslm}
connections=${CONNECTIONS:-10000}
template=${TEMPLATE:-$(dirname "$0")/mosquitto.conf.template}
PATH=$PATH:/usr/sbin

say() { echo "start-mosquitto: $*" >&2; }
die() { say "$*"; exit 1; }

plugin=
for candidate in /usr/lib/mosquitto_dynamic_security.so /usr/lib/*/mosquitto_dynamic_security.so; do
  if [ -f "$candidate" ]; then plugin=$candidate; fi
done
[ -n "$plugin" ] || die "there is no mosquitto_dynamic_security.so below /usr/lib; install mosquitto 2.0 or newer"
[ -r "$password_file" ] || die "cannot read the coordinator's password in $password_file; set PASSWORD_FILE"
[ -r "$template" ] || die "cannot read $template; set TEMPLATE"

umask 077
mkdir -p "$data"
if [ ! -f "$data/dynamic-security.json" ]; then
  # Of a start that was cut short: mosquitto_ctrl would keep it, damaged or not.
  rm -f "$data/dynamic-security.json.part"
  mosquitto_ctrl dynsec init "$data/dynamic-security.json.part" "$user_name" "$(cat "$password_file")" > /dev/null
  mv "$data/dynamic-security.json.part" "$data/dynamic-security.json"
fi

# ca.crt is written last.
if [ ! -f "$certificates/ca.crt" ]; then say "waiting for the coordinator's certificate in $certificates"; fi
while [ ! -f "$certificates/ca.crt" ]; do sleep 1; done
[ -r "$certificates/server.key" ] || die "cannot read $certificates/server.key; run this as the coordinator's user, or copy the key"

sed -e "s|@PORT@|$port|; s|@ADDRESS@|$address|; s|@CERTIFICATES@|$certificates|; s|@DATA@|$data|" \
  -e "s|@PLUGIN@|$plugin|; s|@CONNECTIONS@|$connections|" \
  -e "s|@USER@|$(id -un 2> /dev/null || echo nobody)|" "$template" > "$data/mosquitto.conf"
exec mosquitto -c "$data/mosquitto.conf"
