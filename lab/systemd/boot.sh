#!/bin/bash
# Becomes a small systemd machine: systemd as process 1 of its own namespaces, every change in memory only.
# Run as: unshare --pid --fork --mount --uts --ipc --cgroup --propagation private lab/systemd/boot.sh TREE
# TREE is then /opt/poterne there. Network and kernel are the real machine's.
set -eu
tree=$(realpath "$1")
memory=/mnt
mount -t tmpfs -o mode=0755 tmpfs $memory
mkdir -p $memory/tree $memory/up/tree $memory/work/tree
mount --bind "$tree" $memory/tree
for folder in etc var opt usr/local; do
  mkdir -p "$memory/up/$folder" "$memory/work/$folder"
  mount -t overlay overlay -o "lowerdir=/$folder,upperdir=$memory/up/$folder,workdir=$memory/work/$folder" "/$folder"
done
mkdir -p /opt/poterne
mount -t overlay overlay -o "lowerdir=$memory/tree,upperdir=$memory/up/tree,workdir=$memory/work/tree" /opt/poterne
chmod 0755 /opt/poterne
mount -t proc proc /proc
mount -t tmpfs -o mode=0755 tmpfs /run
mount -t tmpfs tmpfs /tmp
# Nothing of the real machine's services is to start here.
rm -rf /etc/systemd/system && mkdir -p /etc/systemd/system /run/systemd/system
# Its devices are the real machine's: udev would give their network cards other names.
for unit in systemd-udevd.service systemd-udevd-kernel.socket systemd-udevd-control.socket systemd-udev-trigger.service; do
  ln -s /dev/null "/etc/systemd/system/$unit"
done
printf '[Unit]\nDescription=A machine for trying units\n' >/run/systemd/system/trial.target
export container=poterne-trial
exec /lib/systemd/systemd --system --unit=trial.target --log-target=null
