#!/usr/bin/env bash
# What a mentor does in the pit, while the robot runs.
# shellcheck source=tests/boot/common.sh
source "$(dirname "$0")/common.sh"

# upload FILE USER: over the student's program, as sftp over the network does it.
upload() {
    printf 'put %s %s\n' "$1" "$student_code" | setpriv --reuid "$2" --regid "$2" --init-groups \
        sftp -q -b - -D /usr/lib/openssh/sftp-server >/dev/null || fail "$2 uploads $1"
}

for user in mentor captain; do useradd --no-create-home --groups runtime "$user"; done
work=$(mktemp -d)
chmod 755 "$work"
program 0.25 >"$work/good.py"
printf 'def teleop_main(:\n' >"$work/bad.py"
chmod 644 "$work"/*

upload "$work/good.py" mentor
until_true 20 "the log tells of new student code" said "new student code"
until_true 60 "the robot drives with the uploaded program" drives 0.25

program 0.75 >"$work/private.py"
chown captain "$work/private.py"
chmod 600 "$work/private.py"
upload "$work/private.py" captain
[[ $(stat --format '%U %G %a' "$student_code") == "root runtime 664" ]] || fail "the program stays everybody's"
until_true 60 "the robot drives with the program of the next one who uploads" drives 0.75
rm "$student_code"
upload "$work/private.py" captain
until_true 20 "the log tells what a program lacks that the robot may not read" said 'may not read.*chmod a+r'
chmod a+r "$student_code"
until_true 60 "the robot drives with a program that it may read again" drives 0.75
systemd-tmpfiles --create robot-runtime.conf
upload "$work/good.py" mentor
until_true 60 "the robot drives with a program that has come back to the first one" drives 0.25
step "whoever is in the group uploads over the others' program, and a private one too"

start_driving
mapfile -t before < <(pids)
upload "$work/bad.py" mentor
until_true 20 "the log tells a mistake in the uploaded program" said 'student_code.py.*line 1'
driven || fail "a run goes on with the program that it has begun with"
[[ $(pids) == "$(printf '%s\n' "${before[@]}")" ]] || fail "an upload restarts nothing"
upload "$work/good.py" mentor
driven || fail "a run goes on with the program that it has begun with"
step "a program is uploaded by SFTP while the robot drives; the log tells its mistakes, and the next mode runs it"

connected() { grep -q '"id": "6_1".*"connected": '"$1" <(runtime devices --json); }
systemctl stop virtual_devices.service
until_true 20 "a device that is unplugged is gone" connected false
systemctl start virtual_devices.service
until_true 20 "a device that is plugged in is there" connected true
stop_driving
until_true 60 "a device that was unplugged is driven again" drives 0.25
step "a device is unplugged while the robot drives, plugged in again, and the next start of a mode drives it"

# In a row, as somebody in a hurry does it.
for _ in {1..6}; do
    mapfile -t before < <(pids)
    systemctl restart runtime.target
    runs shm "${daemons[@]}" || fail "all are up when systemctl restart runtime.target returns"
    for i in "${!daemons[@]}"; do another "${daemons[i]}" "${before[i]}" || fail "${daemons[i]} is a new process"; done
done
blocks_went_last
until_true 60 "the robot drives after six restarts" drives 0.25
step "systemctl restart runtime.target, six times in a row, removes blocks last, returns with all daemons new and up, and \
the robot drives"

# What the units keep from executor, and what executor(8) says about it.
mkdir /home/robot /srv/robot
chown runtime-executor /srv/robot
program 0.75 >/home/robot/code.py
printf '    open("note", "a").write("here")\n' >>/home/robot/code.py
cp /etc/runtime/runtime.conf /run/runtime.conf
printf '\n[executor]\nstudent-code = /home/robot/code.py\nscratch = /srv/robot\n' >>/etc/runtime/runtime.conf
drop_in=/etc/systemd/system/runtime-executor.service.d/override.conf
mkdir "${drop_in%/*}"
# From the package, since a machine may keep no manual pages.
dpkg-deb --fsys-tarfile /run/boot/robot-runtime.deb | tar --extract --to-stdout ./usr/share/man/man8/executor.8.gz | zcat |
    sed -n '/^\\&\[Service\]/,/^\.fi/{s/\\&//;s/\\//g;/^\.fi/!p}' >"$drop_in"
systemctl daemon-reload
systemctl restart runtime.target
until_true 60 "the robot drives with a program below /home" drives 0.75
[[ $(</srv/robot/runtime-scratch/note) == here* ]] || fail "student code writes into another scratch directory"
rm -r "${drop_in%/*}"
cp /run/runtime.conf /etc/runtime/runtime.conf
systemctl daemon-reload
systemctl restart runtime.target
rm -r /home/robot /srv/robot
until_true 60 "the robot drives as before" drives 0.25
step "with what executor(8) says, the program may lie below /home, and the scratch directory elsewhere"
