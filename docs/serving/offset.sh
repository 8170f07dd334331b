#!/bin/sh
# The commands as the site itself runs: its user, its settings, its folder. Install as
# /usr/local/sbin/offset and say, as root: offset init --mode rehearsal
exec systemd-run --quiet --pipe --wait --collect --uid=offset --gid=offset \
  --property=EnvironmentFile=/etc/offset/offset.env \
  --property=WorkingDirectory=/var/lib/offset --property=UMask=0077 \
  /opt/offset/bin/offset "$@"
