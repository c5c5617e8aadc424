#!/bin/sh
# Copies what the hub is installed from to it: ./copy_to_hub.sh <[user@]hub_ip> <package_file>
# Afterwards, on the hub: cd hubSystemdSetup && sudo ./setup_hub.sh
set -eu

[ $# -eq 2 ] || { echo "usage: ./copy_to_hub.sh <[user@]hub_ip> <package_file>" >&2; exit 1; }
HERE=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
HUB=$1 PACKAGE=$2
[ -r "$PACKAGE" ] || { echo "copy_to_hub.sh: $PACKAGE is not there" >&2; exit 1; }
[ -r "$HERE/iotshd_config.json" ] || { echo "copy_to_hub.sh: write $HERE/iotshd_config.json first (see iotshd_config.sample.json)" >&2; exit 1; }

ssh "$HUB" 'mkdir -p hubSystemdSetup && chmod 0700 hubSystemdSetup'
case "$PACKAGE" in
  *.zip) name=package.zip ;;
  *) name=package.tgz ;;
esac
scp "$PACKAGE" "$HUB:hubSystemdSetup/$name"
scp -r "$HERE/setup_hub.sh" "$HERE/iotshd_config.json" "$HERE/local_certs" "$HERE/systemd" "$HUB:hubSystemdSetup/"
echo "Now, on the hub: cd hubSystemdSetup && sudo ./setup_hub.sh --package=$name"
