#!/bin/sh
# Unpacks Debian's lua-nginx-redis (module nginx.redis) into build/debian. Installing the package would pull in nginx-extras.
set -eu
cd "$(dirname "$0")/../.."
[ ! -e build/debian/usr/share/lua/5.1/nginx/redis.lua ] || exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
(cd "$work" && apt-get download -qq lua-nginx-redis 2>/dev/null)
mkdir -p build/debian
dpkg -x "$work"/lua-nginx-redis_*.deb build/debian
