#!/bin/sh
# Corrections of a machine's clock that is set meanwhile. Run from the checkout, after `make core`.
set -eu
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
${CC:-cc} -std=c11 -D_GNU_SOURCE -fPIC -shared -o "$made/set_clock.so" spec/support/set_clock.c -ldl
eval "$(make -s env LUA=luajit)"
LD_PRELOAD="$made/set_clock.so" luajit spec/support/set_clock.lua
