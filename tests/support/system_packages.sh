#!/bin/sh
# What the tests of the desk use beside Python's packages, from Debian: a browser, a database, the library that sets PDFs,
# and openssl as an authority for time stamps. Where it cannot be installed, those tests skip and say so.
set -eu
wanted=""
command -v chromium >/dev/null || wanted="$wanted chromium"
command -v openssl >/dev/null || wanted="$wanted openssl"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || wanted="$wanted postgresql"
ldconfig -p | grep -q libpangoft2-1.0 || wanted="$wanted libpango-1.0-0 libpangoft2-1.0-0"
fc-list 2>/dev/null | grep -q . || wanted="$wanted fonts-dejavu-core"
[ -n "$wanted" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "some tests will be skipped; for all of them: apt-get install$wanted"
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086  # a list of packages
{ apt-get update -qq && apt-get install -y -qq --no-install-recommends $wanted; } >/dev/null ||
  echo "some tests will be skipped: apt-get could not install$wanted"
