#!/bin/sh
# Starts the hub, each part as a process of its own: start_iotmi_sdk.sh [start|stop|status]
#
# HEARTH_HUB_ROOT    directory below which the hub's places are; empty for /
# HEARTH_HUB_ZIGBEE  Zigbee coordinator, tcp://host:port or a serial device; without it there is no Zigbee
# HEARTH_HUB_ZWAVE   Z-Wave controller, as above
# HEARTH_HUB_CUSTOM  module of a custom protocol
# HEARTH_HUB_WAIT    seconds to wait until every part runs; 20 without it
set -u

HERE=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
PROGRAM="$HERE/bin/hearth-hub"
ROOT=${HEARTH_HUB_ROOT:-}
CONFIG=${HEARTH_HUB_CONFIG:-$ROOT/data/aws/iotmi/config/iotmi_config.json}
RUN=${HEARTH_HUB_RUN:-$ROOT/dev/aipc}
STATE=${HEARTH_HUB_STATE:-$ROOT/data/ace/kvstorage}
LOGS="$HERE/logs"
PIDS="$RUN/sdk"
LAYOUT=core,HubOnboarding,MQTTProxy,CDMB,Agent,LPW-Provisioner
[ -z "${HEARTH_HUB_ZIGBEE:-}" ] || LAYOUT="$LAYOUT,zigbee"
[ -z "${HEARTH_HUB_ZWAVE:-}" ] || LAYOUT="$LAYOUT,zwave"
[ -z "${HEARTH_HUB_CUSTOM:-}" ] || LAYOUT="$LAYOUT,custom"

say() { printf '%s\n' "$*"; }
fail() { printf 'start_iotmi_sdk.sh: %s\n' "$*" >&2; exit 1; }

# Process ids come round again: only a process of this hub, whose arguments say where it runs, is ours.
runs() { [ -r "/proc/$1/cmdline" ] && tr '\0' ' ' <"/proc/$1/cmdline" | grep -qF -- " --run $RUN "; }

stop_all() {
  for file in "$PIDS"/*.pid; do
    [ -e "$file" ] || continue
    pid=$(cat "$file")
    if runs "$pid"; then kill -TERM "$pid"; fi
  done
  for file in "$PIDS"/*.pid; do
    [ -e "$file" ] || continue
    pid=$(cat "$file")
    tries=0
    while runs "$pid"; do
      tries=$((tries + 1))
      if [ "$tries" -gt 100 ]; then kill -KILL "$pid"; break; fi
      sleep 0.1
    done
    rm -f "$file"
  done
}

# start_stage <name> <log> <what is started> <arguments…>
start_stage() {
  name=$1 log=$2 what=$3
  shift 3
  nohup "$PROGRAM" run --run "$RUN" "$@" >>"$LOGS/$log" 2>&1 </dev/null &
  echo $! >"$PIDS/$name.pid"
  say "Starting $what ... pid $!"
}

check_all() {
  all=0
  for file in "$PIDS"/*.pid; do
    [ -e "$file" ] || continue
    name=$(basename "$file" .pid)
    if runs "$(cat "$file")"; then say "  $name: running"; else say "  $name: NOT RUNNING, see $LOGS"; all=1; fi
  done
  return $all
}

case "${1:-start}" in
  stop)
    say "Stopping the hub ..."
    stop_all
    exit 0
    ;;
  status)
    check_all
    exit $?
    ;;
  start) ;;
  *) fail "usage: start_iotmi_sdk.sh [start|stop|status]" ;;
esac

say "Stopping old processes ..."
mkdir -p "$PIDS" || fail "$PIDS cannot be made: make $RUN, and $STATE, as root and give them to $(id -un)"
chmod 0700 "$PIDS"
stop_all
say "Creating the log directory $LOGS ..."
mkdir -p "$LOGS" || fail "$LOGS cannot be made"
say "Checking prerequisites ..."
[ -x "$PROGRAM" ] || fail "$PROGRAM is not there: unpack the hub's package again"
command -v node >/dev/null || fail "there is no node: install Node.js 20.19 or newer"
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
  fail "$(node --version) is too old: install Node.js 20.19 or newer"
[ -r "$CONFIG" ] || fail "$CONFIG is not there or not readable: write it as the hub's guide says"
mkdir -p "$STATE" || fail "$STATE cannot be made: make it as root and give it to $(id -un)"
for port in "${HEARTH_HUB_ZIGBEE:-}" "${HEARTH_HUB_ZWAVE:-}"; do
  case "$port" in
    /*) [ -w "$port" ] || fail "the radio $port is not there, or $(id -un) may not use it (group dialout)" ;;
  esac
done

start_stage HubOnboarding onboarding_logs.txt "HubOnboarding" --part HubOnboarding
start_stage iotmi_mqtt_proxy mqtt_proxy_logs.txt "MQTT proxy" --part MQTTProxy
start_stage ace_eventmgr event_manager_logs.txt "event manager" --no-children --layout "$LAYOUT"
if [ -n "${HEARTH_HUB_ZIGBEE:-}" ]; then
  start_stage ace_zigbee_service zigbee_logs.txt "Zigbee service" --part AceZigbee
else
  say "Starting Zigbee service ... left out: HEARTH_HUB_ZIGBEE is not set"
fi
if [ -n "${HEARTH_HUB_ZWAVE:-}" ]; then
  start_stage zwave_svc zwave_logs.txt "Z-Wave service" --part AceZwave
else
  say "Starting Z-Wave service ... left out: HEARTH_HUB_ZWAVE is not set"
fi
[ -z "${HEARTH_HUB_CUSTOM:-}" ] || start_stage ace_custom custom_logs.txt "custom protocol" --part AceCustom
start_stage DeviceCdmb cdmb_logs.txt "CDMB" --part CDMB
start_stage IoTManagedIntegrationsDeviceAgent agent_logs.txt "agent" --part Agent
start_stage iotmi_lpw_provisioner provisioner_logs.txt "provisioner" --part LPW-Provisioner

say "Checking status ..."
"$PROGRAM" status --run "$RUN" --wait "${HEARTH_HUB_WAIT:-20}"
parts=$?
check_all || fail "a process does not run"
[ "$parts" -eq 0 ] || fail "every process runs, but not every part yet: see the reasons above and $LOGS"
say "The hub runs."
