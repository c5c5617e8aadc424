#!/bin/sh
# Installs the hub on the machine that this runs on, from the directory that copy_to_hub.sh has filled:
# sudo ./setup_hub.sh [--user=U] [--group=G] [--root=DIR] [--package=FILE]
#
# --user, --group  who the hub runs as; made when there is none (default: hub, hub)
# --root           install into this directory instead of / and start nothing (default: none)
# --package        archive of the program, a .zip or a .tgz (default: package.zip beside this script)
set -eu

HERE=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
OWNER=hub GROUP=hub ROOT='' PACKAGE="$HERE/package.zip"
PROGRAM=/opt/hearth-hub

fail() { printf 'setup_hub.sh: %s\n' "$*" >&2; exit 1; }
say() { printf '%s\n' "$*"; }

while [ $# -gt 0 ]; do
  case "$1" in
    --user=*) OWNER=${1#*=} ;;
    --group=*) GROUP=${1#*=} ;;
    --root=*) ROOT=${1#*=} ;;
    --package=*) PACKAGE=${1#*=} ;;
    --root) shift; ROOT=${1:?} ;;
    *) fail "usage: setup_hub.sh [--user=U] [--group=G] [--root=DIR] [--package=FILE]" ;;
  esac
  shift
done
for name in "$OWNER" "$GROUP"; do
  case "$name" in
    '' | *[!a-z0-9_-]* | -*) fail "'$name' is no name of a user or group" ;;
  esac
done
[ -r "$PACKAGE" ] || fail "$PACKAGE is not there: zip package/greengrass/artifacts as package.zip, or give --package"
[ -n "$ROOT" ] || [ "$(id -u)" -eq 0 ] || fail "run it as root (sudo), or give --root"

if [ -z "$ROOT" ]; then
  say "User $OWNER, group $GROUP"
  getent group "$GROUP" >/dev/null || groupadd --system "$GROUP"
  getent passwd "$OWNER" >/dev/null ||
    useradd --system --gid "$GROUP" --home-dir /nonexistent --shell /usr/sbin/nologin "$OWNER"
fi
# Ownership is of this machine's users: not below --root.
give() { [ -n "$ROOT" ] || chown "$OWNER:$GROUP" "$@"; }

say "Directories"
for directory in data/aws/iotmi data/aws/iotmi/config data/aws/iotmi/certs data/ace/kvstorage var/log/awsiotmi; do
  mkdir -p "$ROOT/$directory"
  chmod 0750 "$ROOT/$directory"
  give "$ROOT/$directory"
done
chmod 0700 "$ROOT/data/aws/iotmi/certs" "$ROOT/data/ace/kvstorage"

say "Program"
fresh="$ROOT$PROGRAM.new"
rm -rf "$fresh"
mkdir -p "$fresh"
case "$PACKAGE" in
  *.zip) unzip -q "$PACKAGE" -d "$fresh" ;;
  *) tar -xzf "$PACKAGE" -C "$fresh" ;;
esac
# The archive holds the program, or a directory with it.
if [ ! -d "$fresh/bin" ] && [ -d "$fresh/artifacts/bin" ]; then
  mv "$fresh/artifacts" "$fresh.inner"
  rm -rf "$fresh"
  mv "$fresh.inner" "$fresh"
fi
[ -e "$fresh/bin/hearth-hub" ] || fail "$PACKAGE does not hold bin/hearth-hub"
chmod 0755 "$fresh/bin/hearth-hub"
rm -rf "$ROOT$PROGRAM"
mv "$fresh" "$ROOT$PROGRAM"

say "Configuration and certificates"
# What is there stays: a hub that is installed anew keeps what it is.
if [ -e "$HERE/iotshd_config.json" ] && [ ! -e "$ROOT/data/aws/iotmi/config/iotmi_config.json" ]; then
  install -m 0600 "$HERE/iotshd_config.json" "$ROOT/data/aws/iotmi/config/iotmi_config.json"
  give "$ROOT/data/aws/iotmi/config/iotmi_config.json"
fi
for file in "$HERE"/local_certs/*.pem "$HERE"/local_certs/*.key; do
  [ -e "$file" ] || continue
  install -m 0600 "$file" "$ROOT/data/aws/iotmi/certs/$(basename "$file")"
  give "$ROOT/data/aws/iotmi/certs/$(basename "$file")"
done
mkdir -p "$ROOT/etc/systemd/system" "$ROOT/etc/tmpfiles.d" "$ROOT/usr/local/bin"
if [ ! -e "$ROOT/etc/hearth-hub.env" ]; then
  cat >"$ROOT/etc/hearth-hub.env" <<'ENVIRONMENT'
# Flags of hearth-hub run, see hearth-hub run --help. A radio that is named here has a unit of its own.
HEARTH_HUB_ZIGBEE=
HEARTH_HUB_ZIGBEE_ADAPTER=zstack
HEARTH_HUB_ZWAVE=
HEARTH_HUB_CUSTOM=
ENVIRONMENT
  chmod 0640 "$ROOT/etc/hearth-hub.env"
fi

say "Units"
# /dev is empty after each boot; the hub's sockets are in /run, and found where they are looked for.
printf 'L+ /dev/aipc - - - - /run/aipc\n' >"$ROOT/etc/tmpfiles.d/hearth-hub.conf"
for template in "$HERE"/systemd/*.service.template; do
  unit=$(basename "$template" .template)
  sed -e "/^@COMMON@\$/{
r $HERE/systemd/common.template
d
}" "$template" | sed -e "s|@PROGRAM@|$PROGRAM|g" -e "s|@USER@|$OWNER|g" -e "s|@GROUP@|$GROUP|g" \
    >"$ROOT/etc/systemd/system/$unit"
done
install -m 0755 "$HERE/systemd/deploy_iotshd_services_on_hub.sh" "$ROOT/usr/local/bin/deploy_iotshd_services_on_hub.sh"
if [ -n "$ROOT" ]; then
  say "Installed below $ROOT; nothing was started."
else
  /usr/local/bin/deploy_iotshd_services_on_hub.sh
fi
