#!/usr/bin/env bash
# Nothing is left of a package that is removed and purged, and it can be installed again.
# shellcheck source=tests/boot/common.sh
source "$(dirname "$0")/common.sh"

# A robot that gets another name leaves the blocks of the one that it had.
sed -i '1i instance = other' /etc/runtime/runtime.conf
systemctl restart runtime.target
for block in /dev/shm/runtime-types-shm /dev/shm/runtime-other-types-shm; do
    [[ -e $block ]] || fail "there is $block"
done

# What is the package's alone.
mapfile -t files < <(dpkg-query --listfiles robot-runtime | grep -v '^/\.$' | xargs dpkg-query --search | sed -n 's/^robot-runtime: //p')
((${#files[@]} > 20)) || fail "the package has files: ${files[*]}"
# left PATH...: those that are there.
left() {
    local path
    for path; do [[ ! -e $path && ! -L $path ]] || printf '%s ' "$path"; done
}
processes() { for process in "${daemons[@]}" student_process; do pgrep --list-name --exact "$process" || true; done; }
# gone WHAT LEFT
gone() { [[ -z $2 ]] || fail "$1 leaves nothing: $2"; }

until_true 20 "a robot runs" runtime status
(($(processes | wc -l) > 3)) || fail "a robot has processes: $(processes)"
systemctl disable --quiet --now virtual_devices.service
rm /etc/systemd/system/virtual_devices.service
systemctl daemon-reload
# A udev that notes what it is told.
mkdir -p /run/udev
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("/run/udev/control")'
# shellcheck disable=SC2016  # for that one
printf '#!/bin/sh\necho "$@" >>/run/udev/told\n' >/usr/local/sbin/udevadm
chmod 755 /usr/local/sbin/udevadm

dpkg --remove robot-runtime >/run/remove.log 2>&1 || fail "the package can be removed: $(</run/remove.log)"
gone "removing" "$(processes)"
gone "removing" "$(find /dev/shm -name 'runtime*')"
nobody_complained
mapfile -t programs < <(printf '%s\n' "${files[@]}" | grep '^/usr/')
gone "removing" "$(left "${programs[@]}")"
grep -q '^trigger --subsystem-match=tty' /run/udev/told || fail "udev forgets the rules of a package that is removed"
[[ -s $student_code && -e /etc/runtime/runtime.conf ]] || fail "removing keeps the program and the configuration"
step "removing leaves no process, no block and no program, and keeps what is the user's"

dpkg --purge robot-runtime >/run/purge.log 2>&1 || fail "the package can be purged: $(</run/purge.log)"
gone "purging" "$(left "${files[@]}" /etc/runtime /var/lib/runtime)"
gone "purging" "$(getent passwd | grep '^runtime' || true)"
# As a member of other groups, too.
gone "purging" "$(getent group | grep '[:,]runtime\|^runtime' || true)$(getent gshadow | grep '[:,]runtime\|^runtime' || true)"
gone "purging" "$(find /etc/systemd/system /var/lib/systemd -name '*runtime*')"
step "purging leaves nothing"

rm /run/udev/told
dpkg -i /run/boot/robot-runtime.deb >/run/install.log 2>&1 || fail "the package can be installed again: $(</run/install.log)"
runs shm "${daemons[@]}" || fail "the robot runs when it is installed: $(</run/install.log)"
grep -q '^trigger --subsystem-match=tty' /run/udev/told || fail "udev learns the rules of a package that is installed"
until_true 20 "all blocks are whole and all daemons alive" runtime status
until_true 20 "a driver station connects" station --address localhost --mode idle --seconds 1
step "installed into a machine that runs, the robot runs at once, and a driver station connects"
