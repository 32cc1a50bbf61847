#!/usr/bin/env bash
# The installed robot comes up and survives what happens to its daemons.
# shellcheck source=tests/boot/common.sh
source "$(dirname "$0")/common.sh"

for program in shm_start "${daemons[@]}"; do
    for option in $("$program" --help | sed -n 's/^  --\([a-z-]*\).*/\1/p'); do
        case $option in help | version | config) continue ;; esac
        grep -q "^#$option = *" /etc/runtime/runtime.conf || fail "$option of $program is in runtime.conf"
    done
done
step "the configuration file names every option"

program 0.5 >"$student_code"
cat >/etc/systemd/system/virtual_devices.service <<'UNIT'
[Service]
ExecStart=/run/boot/virtual_devices --device KoalaBear:1 --directory /run/virtual/ports
User=runtime-dev_handler
RuntimeDirectory=virtual
[Install]
WantedBy=multi-user.target
UNIT
printf '\n[dev_handler]\nports = /run/virtual/ports/tty*\n' >>/etc/runtime/runtime.conf
systemctl enable --quiet --now virtual_devices.service
systemctl restart runtime.target
runs shm "${daemons[@]}" || fail "all are up when systemctl restart runtime.target returns"
step "the robot comes up by itself, and again by systemctl restart runtime.target"
until_true 60 "the robot drives" drives
step "a driver station drives"
for daemon in "${daemons[@]}"; do
    for signal in KILL STOP; do
        before=$(pid_of "$daemon")
        declare -A others=()
        for other in "${daemons[@]}"; do others[$other]=$(pid_of "$other"); done
        kill -s "$signal" "$before"
        until_true 20 "$daemon comes back after SIG$signal" another "$daemon" "$before"
        for other in "${daemons[@]}"; do
            [[ $other == "$daemon" || $(pid_of "$other") == "${others[$other]}" ]] ||
                fail "$other goes on while $daemon is lost"
        done
        until_true 60 "the robot drives after SIG$signal of $daemon" drives
        step "$daemon comes back after SIG$signal, the others go on, and the robot drives"
    done
    before=$(pid_of "$daemon")
    cp "/usr/sbin/$daemon" /usr/sbin/new
    mv /usr/sbin/new "/usr/sbin/$daemon"
    systemctl restart "runtime-$daemon.service"
    another "$daemon" "$before" || fail "systemctl restart of $daemon"
    until_true 60 "the robot drives after a restart of $daemon" drives
    step "$daemon is restarted with a new binary, and the robot drives"
done

mapfile -t before < <(pids)

kill -KILL "${before[@]}"
until_true 60 "the robot drives after all three were killed" drives
step "all three killed at once come back, and the robot drives"

for unit in "${daemons[@]}"; do
    exposure=$(systemd-analyze security --no-pager "runtime-$unit.service" | sed -n 's/.*exposure level.*: \([0-9.]*\) .*/\1/p')
    [[ ${exposure%.*} -lt 2 || $exposure == 2.0 ]] || fail "$unit is exposed: $exposure"
    printf 'runtime-%s.service: exposure %s\n' "$unit" "$exposure"
done
step "each daemon is rated 2.0 or better"
