#!/bin/sh
# Installs what the browser tests drive, where that is possible without asking: Debian's Chromium and its driver.
# Elsewhere those tests are skipped with a message.
command -v chromium >/dev/null 2>&1 && command -v chromedriver >/dev/null 2>&1 && exit 0
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || exit 0
echo "Installing chromium for the browser tests..."
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq >/dev/null 2>&1
apt-get install -y -qq --no-install-recommends chromium chromium-driver fonts-dejavu-core >/dev/null 2>&1 ||
  echo "chromium could not be installed; the browser tests will be skipped."
exit 0
