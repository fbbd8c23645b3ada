# lib.bash - what the door tests share: a clean folder to work in, and checks that say what went wrong.
set -uo pipefail
fqp=$1
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
ln -s "$top/recipes" recipes
failures=0

fail() {
    echo "FAIL: $*" >&2
    failures=$((failures + 1))
}
# exits CODE COMMAND...: run it; stdout and stderr stay in the files out and err.
exits() {
    local want=$1 got
    shift
    "$@" >out 2>err
    got=$?
    [ "$got" = "$want" ] || { fail "exit code $got, expected $want: $*"; cat out err >&2; }
}
says() { grep -qF -- "$1" "${2:-err}" || { fail "missing in ${2:-err}: $1"; cat "${2:-err}" >&2; }; }
same() { cmp -s "$1" "$2" || fail "$1 and $2 differ"; }
finish() {
    [ "$failures" = 0 ] && echo "all good"
    [ "$failures" = 0 ]
}
# A run of a second or less: small SETTINGS... > FILE
small() {
    cat <<YAML
run: {title: small, seeds: ${SEEDS:-2}}
data: {source: expr, target: ["sin(x) + 0.5*sin(4*x)"], lower: [-3.14], upper: [3.14], n: [65]}
model: {hidden: [32, 32], activation: tanh, init: glorot_normal, bias_std: 0}
train: {optimizer: adam, lr: 2e-3, steps: ${STEPS:-400}, batch: ${BATCH:-0}, checkpoint_every: 0.02}
monitor: {probes: [dft], record: "${RECORD:-every:5}", predictions: true, kernel: {every: ${KERNEL:-0}, points: 9, count: 2}}
YAML
}
# wait_for FILE: until it is there, two minutes at most
wait_for() {
    for _ in $(seq 1200); do
        [ -e "$1" ] && return 0
        sleep 0.1
    done
    fail "$1 never came"
}
