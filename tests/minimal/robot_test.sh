#!/usr/bin/env bash
# Runs in a Debian that has nothing but what every Debian has.
set -euo pipefail

fail() {
    printf 'FAILED %s\n' "$1"
    exit 1
}
DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends /run/robot/robot-runtime.deb
for program in shm_start shm_stop dev_handler executor net_handler runtime station wire_log make-certificates \
    /usr/libexec/robot-runtime/student_process; do
    "$program" --version || fail "$program starts"
    "$program" --help >/dev/null || fail "$program starts"
done
echo "ok apt installs the package with all that its programs need"

# What the package recommends finds its service. The network is a loopback of its own; names and processes too.
DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends avahi-daemon avahi-utils iproute2
found=$(unshare --net --uts --pid --fork --kill-child bash -euc '
    hostname robot
    ip link set lo up
    mkdir -p /run/dbus
    dbus-daemon --system --fork
    avahi-daemon --daemonize --no-rlimits
    grep --max-count 1 "^=;" < <(timeout 60 stdbuf -oL avahi-browse --parsable --resolve _robot-runtime._tcp)') ||
    fail "avahi starts, and announces anything in a minute"
grep -q '^=;.*;robot\.local;.*;8101;' <<<"$found" || fail "avahi announces the robot: $found"
echo "ok avahi announces the robot as robot.local with its port"
