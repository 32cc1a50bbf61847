#!/usr/bin/env bash
# Runs in a Debian that has nothing but what every Debian has.
set -euo pipefail

fail() {
    printf 'FAILED %s\n' "$1"
    exit 1
}
DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends /run/robot/robot-runtime.deb
for program in shm_start shm_stop dev_handler executor net_handler runtime station wire_log \
    /usr/libexec/robot-runtime/student_process; do
    "$program" --version || fail "$program starts"
    "$program" --help >/dev/null || fail "$program starts"
done
echo "ok apt installs the package with all that its programs need"
