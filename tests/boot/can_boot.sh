# shellcheck shell=bash
# What boots a machine inside this one reads this first. It ends with status 77 where that cannot be, and says why.
skip() { printf 'skipped: %s\n' "$1" && exit 77; }
# needs PROGRAM:PACKAGE...
needs() {
    local tool
    for tool; do command -v "${tool%:*}" >/dev/null || skip "the package ${tool#*:} is not installed"; done
}
((EUID == 0)) || skip "only root can boot a machine inside this one"
needs ip:iproute2 unshare:util-linux
chrt --fifo 10 true 2>/dev/null || skip "this machine allows root no real-time processes, as dev_handler is one"
grep -qw overlay /proc/filesystems || skip "this kernel has no overlayfs"
grep -qw cgroup2 /proc/filesystems || skip "this kernel has no cgroup2"
