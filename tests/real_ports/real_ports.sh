#!/usr/bin/env bash
# real_ports.sh BIN [SEED]: tests the dev_handler in the directory BIN on real USB serial ports, in a virtual
# machine.
#
# Exit status: 0 passed; 77 skipped, because an emulator or a kernel cannot be had here (the last line says what
# is missing); 1 anything else. The kernel and udev are Debian's own packages, fetched once and kept, unpacked,
# in build/real_ports/; they are not installed. README.md tells more.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd "$here/../.." && pwd)
bin=$(cd "$1" && pwd)
seed=${2:-$RANDOM}
readonly cache=$tree/build/real_ports limit=1500
readonly modules=(virtio_pci virtio_console xhci_pci ftdi_sio cdc_acm usb_f_acm dummy_hcd)
readonly programs=(real_ports_guest dev_handler virtual_devices shm_start shm_stop)

skip() { printf 'skipped: %s\n' "$1" && exit 77; }
fail() { printf 'real_ports.sh: %s\n' "$1" && exit 1; }

work=$(mktemp -d "${TMPDIR:-/tmp}/real-ports-XXXXXX") unpacked=''
clean_up() {
    local process
    trap '' INT TERM HUP
    for process in $(jobs -p); do kill -KILL "$process" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work" "$unpacked"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# download: the packages, into $work/packages, with apt as it is told in $own. linux-image-amd64 stands for the newest
# kernel that Debian has.
own=()
download() {
    local kernel
    kernel=$(apt-cache "${own[@]}" depends linux-image-amd64 |
        sed -n 's/^ *Depends: \(linux-image-[0-9][^ ]*\).*/\1/p' | head -n 1) && [[ -n $kernel ]] || return
    rm -rf "$work/packages"
    mkdir "$work/packages"
    (cd "$work/packages" && apt-get -qq "${own[@]}" download "$kernel" udev libkmod2 libcap2)
}

# Where the machine's package lists are missing or too old: with lists of our own, since an ordinary user cannot
# renew those.
download_anew() {
    mkdir -p "$work"/{lists,cache}/partial "$work/cache/archives/partial"
    own=(-o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache")
    apt-get -qq "${own[@]}" update && download
}

# get_guest: $cache/guest with the kernel, its modules for USB and virtio, and udev. Unpacked beside it and then
# renamed, so that what is there is whole.
get_guest() {
    local package version wanted drivers='./lib/modules/*/kernel'
    { download || download_anew; } >"$work/download.log" 2>&1 || {
        cat "$work/download.log"
        skip "Debian's kernel and udev cannot be downloaded here"
    }
    unpacked=$(mktemp -d "$cache/new-XXXXXX")
    for package in "$work"/packages/*.deb; do
        wanted=(--exclude './usr/share/*')
        [[ $package != */linux-image-* ]] ||
            wanted=(--wildcards './boot/vmlinuz-*' "$drivers"/{drivers/{usb,virtio,char},fs/configfs}/'*')
        dpkg-deb --fsys-tarfile "$package" | tar -x -C "$unpacked" "${wanted[@]}"
    done
    version=$(basename "$unpacked"/lib/modules/*)
    busybox depmod -b "$unpacked" "$version"
    mv "$unpacked/boot/vmlinuz-$version" "$unpacked/vmlinuz"
    # Another run may have been faster.
    mv -T "$unpacked" "$cache/guest" 2>/dev/null || [[ -f $cache/guest/vmlinuz ]]
}

# put FILE [PATH]: puts a file into the guest, at its own path or at PATH.
put() { install -D "$1" "$work/root${2:-$1}"; }

# put_modules: the modules that are wanted, and those that they need.
put_modules() {
    local directory module version
    version=$(basename "$cache"/guest/lib/modules/*)
    directory=$cache/guest/lib/modules/$version
    for module in "${modules[@]}"; do
        grep -E "/${module//_/[-_]}\.ko:" "$directory/modules.dep" || fail "the kernel has no module $module"
    done >"$work/wanted"
    tr -d : <"$work/wanted" | tr ' ' '\n' | sort -u | while read -r module; do
        put "$directory/$module" "/lib/modules/$version/$module"
    done
    # For the guest's modprobe: the dependencies, of these alone.
    busybox depmod -b "$work/root" "$version"
}

# put_libraries FILE...: the shared libraries that these need, all in one directory.
put_libraries() {
    local library
    LD_LIBRARY_PATH=$cache/guest/lib/x86_64-linux-gnu:$cache/guest/usr/lib/x86_64-linux-gnu ldd "$@" >"$work/ldd"
    ! grep 'not found' "$work/ldd" || fail "the guest would miss a library"
    sed -n 's/^.* => \(\/[^ ]*\) .*/\1/p' "$work/ldd" | sort -u | while read -r library; do
        put "$library" "/lib/x86_64-linux-gnu/$(basename "$library")"
    done
    put /lib64/ld-linux-x86-64.so.2
}

make_initrd() {
    local name root=$work/root udev=$cache/guest
    mkdir -p "$root"/{bin,sbin,etc}
    put "$(command -v busybox)" /bin/busybox
    ln -s busybox "$root/bin/sh"
    put "$here/guest.sh" /init
    put /etc/group
    sed -i -E 's/^(dialout:[^:]*:[^:]*:).*/\1robot/' "$root/etc/group"
    echo 'robot:x:1000:' >>"$root/etc/group"
    printf '%s\n' root:x:0:0::/:/bin/sh robot:x:1000:1000::/tmp:/bin/sh >"$root/etc/passwd"
    put "$udev/bin/udevadm" /bin/udevadm
    mkdir -p "$root/lib/systemd"
    ln -s /bin/udevadm "$root/lib/systemd/systemd-udevd"
    for name in 50-udev-default 60-serial; do
        put "$udev/lib/udev/rules.d/$name.rules" "/lib/udev/rules.d/$name.rules"
    done
    put "$tree/systemd/robot-runtime.rules" /lib/udev/rules.d/61-robot-runtime.rules
    put_modules
    for name in "${programs[@]}"; do put "$bin/$name" "/opt/runtime/$name"; done
    put "$bin/prepare_port" /usr/libexec/robot-runtime/prepare_port
    put "$tree/shm_wrapper/device_types.textproto"
    put_libraries "$udev/bin/udevadm" "${programs[@]/#/$bin/}" "$bin/prepare_port"
    (cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null) >"$work/initrd"
    rm -rf "$root"
}

# run_guest: until it powers itself off. A virtio port of the guest is a client of the emulator's monitor, and one
# more for each FTDI bridge is what the bridge is connected to: both ends of these sockets are in the one process.
run_guest() {
    local emulator number
    # Emulated everywhere: a virtual machine in a virtual machine has been seen to stand still before it says anything.
    # shellcheck disable=SC2054  # the commas belong to the values
    local options=(
        -nodefaults -no-user-config -display none -no-reboot -machine "pc,accel=tcg" -cpu max -m 512
        -kernel "$cache/guest/vmlinuz" -initrd "$work/initrd"
        -append "console=ttyS0 quiet panic=-1 mitigations=off nokaslr no_timer_check tsc=reliable seed=$seed"
        -serial "file:$work/console" -serial "file:$work/report"
        -device "qemu-xhci,id=usb,p2=4,p3=4" -device "virtio-serial-pci,max_ports=8"
        -chardev "socket,id=server,path=$work/monitor,server=on,wait=off" -mon chardev=server,mode=control
        -chardev "socket,id=monitor,path=$work/monitor" -device virtserialport,name=monitor,chardev=monitor
    )
    for number in 0 1 2 3; do
        options+=(
            -chardev "socket,id=ftdi$number,path=$work/ftdi$number,server=on,wait=off"
            -device "usb-serial,id=ftdi$number,chardev=ftdi$number,serial=ftdi$number,bus=usb.0,port=$((number + 1))"
            -chardev "socket,id=device$number,path=$work/ftdi$number"
            -device "virtserialport,name=ftdi$number,chardev=device$number"
        )
    done
    setpriv --pdeathsig KILL qemu-system-x86_64 "${options[@]}" </dev/null >"$work/emulator.log" 2>&1 &
    emulator=$!
    setpriv --pdeathsig TERM timeout "$limit" tail --pid="$emulator" -f /dev/null &
    wait $! || return
    wait "$emulator"
}

[[ $(uname -m) == x86_64 ]] || skip "the virtual machine needs a processor of the kind x86_64"
for tool in qemu-system-x86_64 busybox; do
    command -v "$tool" >/dev/null || skip "$tool is not installed; scripts/setup.sh installs it where it can be had"
done
mkdir -p "$cache"
[[ -f $cache/guest/vmlinuz ]] || get_guest
make_initrd
status=0
run_guest || status=$?
# QEMU 7.2 has been seen to crash when a bridge is removed. That says nothing of what is tested; twice says something.
if ((status > 128)); then
    printf 'the emulator crashed (status %s); once more\n' "$status"
    status=0
    rm -f "$work"/{report,monitor,ftdi?}
    run_guest || status=$?
fi
report=$(tr -d '\r' <"$work/report")
printf '%s\n' "$report"
if ((status != 0)) || [[ ${report##*$'\n'} != "exit status 0" ]]; then
    printf '%s\n' "--- the emulator:" && cat "$work/emulator.log"
    printf '%s\n' "--- the guest's console:" && tail -n 120 "$work/console"
    fail "failed (status $status, seed $seed)"
fi
