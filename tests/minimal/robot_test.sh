#!/usr/bin/env bash
# Runs in a machine that has nothing but what every Debian has.
# shellcheck source=tests/boot/common.sh
source "$(dirname "$0")/../boot/common.sh"

# install WHAT...: nothing but it and what it depends on.
install() {
    DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends "$@" >/run/install.log 2>&1 ||
        fail "apt installs $*: $(</run/install.log)"
}
install /run/boot/robot-runtime.deb
runs shm "${daemons[@]}" || fail "the robot runs when it is installed: $(</run/install.log)"
until_true 20 "all blocks are whole and all daemons alive" runtime status
for program in shm_start shm_stop dev_handler executor net_handler runtime station wire_log make-certificates \
    /usr/libexec/robot-runtime/student_process; do
    for option in --version --help; do "$program" "$option" >/dev/null || fail "$program starts"; done
done
step "apt installs the package with all that its programs need, and the robot runs at once"

program 0.5 >"$student_code"
printf '\n[dev_handler]\nports = /run/virtual/ports/tty*\n' >>/etc/runtime/runtime.conf
systemctl restart runtime.target
# It needs no library that the package does not need.
systemd-run --quiet --unit virtual_devices --uid runtime-dev_handler --property RuntimeDirectory=virtual \
    /run/boot/virtual_devices --device KoalaBear:1 --directory /run/virtual/ports
until_true 60 "a driver station drives in TELEOP" drives
until_true 20 "the robot is idle again" mode IDLE
step "a driver station connects and drives in TELEOP, and the robot is idle again"

# What the package recommends finds its service.
install avahi-daemon avahi-utils libnss-mdns
hostnamectl hostname robot
systemctl restart avahi-daemon
found=$(grep --max-count 1 '^=;' < <(timeout 60 stdbuf -oL avahi-browse --parsable --resolve _robot-runtime._tcp)) ||
    fail "avahi announces anything in a minute"
grep -q '^=;.*;robot\.local;.*;8101;' <<<"$found" || fail "avahi announces the robot: $found"
until_true 20 "a driver station finds robot.local" station --mode idle --seconds 1
step "avahi announces the robot as robot.local with its port, and a driver station finds it there"
