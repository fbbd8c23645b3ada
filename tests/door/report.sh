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
"$python" -W ignore "$top/web/test/make_solve.py" "$pages"
settings='run: {title: "<b>told</b>"}
data: {source: curve, n: 32, target: "0.1*cos(t) + 0.1*cos(3*t)"}
model: {hidden: 200, activation: relu, init: ntk, parameters: ntk, antisymmetric: true}
train: {optimizer: gd, lr: 0.2, steps: 300}
monitor: {record: "log:20", dft: {peaks: list, list: [1, 3]}}'
"$fqp" predict - --out "$pages/predicted" --no-report --quiet <<<"$settings" >/dev/null
"$fqp" predict - --out "$pages/overlaid" --train --no-report --quiet <<<"$settings" >/dev/null
for run in predicted overlaid sines image fashion hostile bare verified theory solved_line solved_holes; do
    "$fqp" report "$pages/$run" --out "$pages/$run.html"
done
"$fqp" report "$pages/sines" "$pages/image" "$pages/fashion" --out "$pages/all.html"

# a solve's figures for papers: fields with gaps, bands side by side, convergence
"$fqp" report "$pages/solved_line" --figures svg --to "$pages/figures" >/dev/null
"$fqp" report "$pages/solved_holes" --figures svg,pdf,png --to "$pages/holed" >/dev/null
for figure in figures/solution.svg figures/bands.svg figures/convergence.svg holed/solution.svg holed/solution.pdf holed/solution.png; do
    [ "$(stat -c %s "$pages/$figure" 2>/dev/null || stat -f %z "$pages/$figure")" -gt 4000 ] || { echo "report.sh: $figure is missing or empty" >&2; exit 1; }
done

FQP_PAGES=$pages node --test "$top/web/test/report.test.mjs"
