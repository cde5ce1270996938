#!/bin/sh
# Starts the emulator on a free loopback port and verifies a customer's OTP on each wallet, over real HTTP.
# Run by `make demo`, which sets the environment; $1 is the interpreter.
set -eu
lua=$1
directory=$(mktemp -d)
pid=
finish() {
    [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
    rm -rf "$directory"
}
trap finish EXIT INT TERM

cat >"$directory/config.json" <<'JSON'
{ "customers": { "9444444444": { "name": "Asha Rao", "customer": "active", "digikhata": "active", "levin": "active",
  "balance": "1250.50", "used": 100 } } }
JSON
bin/eko emulator --show-sms --config "$directory/config.json" >"$directory/out" 2>"$directory/err" &
pid=$!
for _ in $(seq 100); do
    grep -q '^listening ' "$directory/out" && break
    sleep 0.1
done
field() { sed -n "s/^$1 //p" "$directory/out"; }
[ -n "$(field listening)" ] || { cat "$directory/out" "$directory/err" >&2; exit 1; }
echo "The emulator listens on $(field listening)"

EKO_BASE_URL=$(field listening) EKO_DEVELOPER_KEY=$(field developer_key) EKO_ACCESS_KEY=$(field access_key) \
    EKO_INITIATOR_ID=$(field initiator_id) EKO_USER_CODE=$(field user_code) EKO_SMS_LOG="$directory/out" \
    "$lua" examples/verify_otp.lua 9444444444
