#!/usr/bin/env bash
# Nothing is left of a package that is purged.
# shellcheck source=tests/boot/common.sh
source "$(dirname "$0")/common.sh"

systemctl stop virtual_devices.service
userdel mentor 2>/dev/null || true
dpkg --purge robot-runtime >/dev/null 2>&1 || fail "the package can be purged"
left=$(find /etc/runtime /var/lib/runtime /dev/shm /usr/lib/systemd/system /usr/sbin -name 'runtime[-.]*' 2>/dev/null || true)
[[ -z $left ]] || fail "purging leaves nothing: $left"
! getent passwd runtime-executor >/dev/null || fail "purging leaves no user"
step "purging leaves nothing"
