# shellcheck shell=sh
# mode_by RUNTIME...: the mode that the robot is in, as this command sees it. IDLE where net_handler is down, whatever
# its block says; "unknown" where it cannot be told and net_handler runs.
mode_by() {
    status=$(timeout 10 "$@" status --json 2>/dev/null || true)
    mode=$(printf '%s' "$status" | sed -n 's/.*"run": {"mode": "\([A-Z]*\)".*/\1/p')
    case $mode$status in
    [A-Z]*'"name": "net_handler", "state": "down"'*) mode=IDLE ;;
    esac
    if [ -z "$mode" ]; then
        # Without a block, or with none that the configuration leads to, only systemd knows whether it is down.
        if systemctl --quiet is-active runtime-net_handler.service; then mode=unknown; else mode=IDLE; fi
    fi
    echo "$mode"
}
