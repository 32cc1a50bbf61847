#!/usr/bin/env bash
# In the new root, before it boots.
set -euo pipefail
dpkg -i /run/boot/robot-runtime.deb
