#!/usr/bin/env bash
# The live page of `fqp watch` in a browser: watch_page.sh FQP.
set -euo pipefail
fqp=$(realpath "$1")
top=$(cd "$(dirname "$0")/../.." && pwd)
for tool in node npm chromium; do
    command -v "$tool" >/dev/null || { echo "watch_page.sh: $tool is missing; run tools/install-deps" >&2; exit 1; }
done
[ -d "$top/web/node_modules/playwright-core" ] || npm ci --prefix "$top/web" --no-audit --no-fund --loglevel=error
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
FQP=$fqp FQP_ROOM=$room timeout 240 node --test "$top/web/test/live.test.mjs"
