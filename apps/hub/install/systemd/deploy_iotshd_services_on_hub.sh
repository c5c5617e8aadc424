#!/bin/sh
# Enables and restarts the hub's units: sudo /usr/local/bin/deploy_iotshd_services_on_hub.sh
set -eu

[ "$(id -u)" -eq 0 ] || { echo "deploy_iotshd_services_on_hub.sh: run it as root (sudo)" >&2; exit 1; }
# shellcheck disable=SC1091
. /etc/hearth-hub.env

systemctl daemon-reload
systemd-tmpfiles --create /etc/tmpfiles.d/hearth-hub.conf
enable() {
  systemctl enable "$1"
  systemctl restart "$1"
}
enable hearth-hub.service
enable_if() {
  if [ -n "$1" ]; then enable "$2"; else systemctl disable --now "$2"; fi
}
enable_if "${HEARTH_HUB_ZIGBEE:-}" hearth-hub-zigbee.service
enable_if "${HEARTH_HUB_ZWAVE:-}" hearth-hub-zwave.service
enable_if "${HEARTH_HUB_CUSTOM:-}" hearth-hub-custom.service
systemctl --no-pager --lines=0 status 'hearth-hub*.service'
