#!/bin/sh
# Installs what some tests drive, where that is possible without asking: Debian's Chromium with its driver, and a
# PostgreSQL server (of which the tests start one of their own). Elsewhere those tests are skipped with a message.
wanted=""
command -v chromium >/dev/null 2>&1 && command -v chromedriver >/dev/null 2>&1 ||
  wanted="chromium chromium-driver fonts-dejavu-core"
command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || wanted="$wanted postgresql"
[ -n "$wanted" ] || exit 0
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || exit 0
echo "Installing for the tests: $wanted"
export DEBIAN_FRONTEND=noninteractive
# Debian would begin a cluster and start it with the machine; nobody asked for that.
if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
  mkdir -p /etc/postgresql-common
  echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
fi
apt-get update -qq >/dev/null 2>&1
for package in $wanted; do
  apt-get install -y -qq --no-install-recommends "$package" >/dev/null 2>&1 ||
    echo "$package could not be installed; tests that need it will be skipped."
done
exit 0
