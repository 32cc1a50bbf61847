#!/bin/sh
# The guest's first process: mounts, loads the drivers, starts udev, makes the USB gadgets, and runs the test as
# an ordinary user. ttyS0 is the kernel's console; what is written to ttyS1 is for real_ports.sh.
export PATH=/bin:/sbin
/bin/busybox mkdir -p /proc /sys /dev /tmp /run
/bin/busybox mount -t proc proc /proc
/bin/busybox --install -s /bin
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm /dev/pts
mount -t devpts devpts /dev/pts
for directory in /dev/shm /run; do mount -t tmpfs -o mode=1777 tmpfs "$directory"; done
# Nothing is mounted on it: the project may be somewhere in /tmp.
chmod 1777 /tmp
ip link set lo up

/lib/systemd/systemd-udevd --daemon
modprobe -a virtio_pci virtio_console xhci_pci ftdi_sio cdc_acm usb_f_acm
modprobe dummy_hcd num=4
mount -t configfs configfs /sys/kernel/config
for number in 0 1 2 3; do
    gadget=/sys/kernel/config/usb_gadget/acm$number
    mkdir -p "$gadget/strings/0x409" "$gadget/configs/c.1" "$gadget/functions/acm.$number"
    echo 0x2341 >"$gadget/idVendor"
    echo 0x0043 >"$gadget/idProduct"
    echo "acm$number" >"$gadget/strings/0x409/serialnumber"
    ln -s "$gadget/functions/acm.$number" "$gadget/configs/c.1"
    echo "dummy_udc.$number" >"$gadget/UDC"
    chown robot "$gadget/UDC"
done
udevadm trigger --action=add
udevadm settle
# The test plugs and unplugs, and is what stands behind the ports.
chown robot /dev/vport*

su robot -s /bin/sh -c "cd /tmp && /opt/runtime/real_ports_guest --use-colour no" >/dev/ttyS1 2>&1
status=$?
[ "$status" = 0 ] || dmesg | tail -n 100 >/dev/ttyS0
echo "exit status $status" >/dev/ttyS1
poweroff -f
