#!/usr/bin/env bash
# The report page in a browser: report.sh FQP BUILD.  Run directories of known content are fabricated, `fqp report` makes
# their pages, and web/test/report.test.mjs opens them in headless Chromium.
set -euo pipefail
fqp=$1 build=$2
top=$(cd "$(dirname "$0")/../.." && pwd)
pages=$build/report-door

for tool in node npm chromium; do
    command -v "$tool" >/dev/null || { echo "report.sh: $tool is missing; run tools/install-deps" >&2; exit 1; }
done
[ -d "$top/web/node_modules/playwright-core" ] || npm ci --prefix "$top/web" --no-audit --no-fund --loglevel=error

# the first Python of the path may lack NumPy where the distribution's has it
for python in python3 /usr/bin/python3 none; do
    "$python" -c 'import numpy' 2>/dev/null && break
done
[ "$python" != none ] || { echo "report.sh: Python with NumPy is missing; run tools/install-deps" >&2; exit 1; }

rm -rf "$pages"
mkdir -p "$pages"
"$python" -W ignore "$top/web/test/make_run.py" "$pages"
for run in sines image fashion hostile bare verified theory; do
    "$fqp" report "$pages/$run" --out "$pages/$run.html"
done
"$fqp" report "$pages/sines" "$pages/image" "$pages/fashion" --out "$pages/all.html"

FQP_PAGES=$pages node --test "$top/web/test/report.test.mjs"
