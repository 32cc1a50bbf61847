#!/usr/bin/env bash
# run.sh BUILD: makes the Debian package of the build directory BUILD, installs it into a copy-on-write copy of this
# machine, boots that with systemd, and runs the scripts beside this one inside.
#
# Exit status: 0 passed; 77 skipped, because this machine cannot boot another inside it (the last line says why);
# 1 anything else.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "$1" && pwd)

# shellcheck source=tests/boot/can_boot.sh
source "$here/can_boot.sh"
needs systemctl:systemd dbus-daemon:dbus dpkg-shlibdeps:dpkg-dev sftp:openssh-client
[[ -x /lib/systemd/systemd ]] || skip "the package systemd is not installed"
[[ -x /usr/lib/openssh/sftp-server ]] || skip "the package openssh-sftp-server is not installed"

work=$(mktemp -d "${TMPDIR:-/tmp}/boot-XXXXXX")
trap 'rm -rf "$work"' EXIT
cpack --config "$build/CPackConfig.cmake" -B "$work" >"$work/cpack.log" 2>&1 || { cat "$work/cpack.log" && exit 1; }
package=$(echo "$work"/robot-runtime_*.deb)
if command -v lintian >/dev/null; then
    # It leaves a file of its own in TMPDIR.
    TMPDIR=$work lintian --allow-root --fail-on error "$package" || { echo "FAILED lintian finds no errors" && exit 1; }
    echo "ok lintian finds no errors"
else
    echo "skipped: lintian, which is not installed"
fi
# The same under a higher version.
dpkg-deb --raw-extract "$package" "$work/next"
sed -i 's/^Version: .*/Version: 9.9.9/' "$work/next/DEBIAN/control"
dpkg-deb --root-owner-group -Znone --build "$work/next" "$work/next.deb" >/dev/null

tests=/run/boot/tests
status=0
bash "$here/boot.sh" -p "$tests/prepare.sh" -b "$here:$tests" -b "$package:/run/boot/robot-runtime.deb" \
    -b "$work/next.deb:/run/boot/robot-runtime-next.deb" -b "$build/bin/virtual_devices:/run/boot/virtual_devices" -t 600 \
    "$tests/robot_test.sh" "$tests/pit_test.sh" "$tests/upgrade_test.sh" \
    "$tests/before_restart.sh" reboot "$tests/restarted_test.sh" \
    "$tests/before_restart.sh" power-loss "$tests/restarted_test.sh" \
    "$tests/purge_test.sh" || status=$?
((status != 125)) || skip "systemd does not boot in a container here"
exit "$status"
