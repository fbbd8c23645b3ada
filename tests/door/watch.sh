#!/usr/bin/env bash
# fqp watch: a folder that a training fills while it is watched, the page's door over HTTP, another's run.
. "$(dirname "$0")/lib.bash"

# write.py FOLDER STEP...: predictions as files, written as badly as trainings do: in pieces, then renamed, or in place.
cat >write.py <<'PY'
import math, os, struct, sys, time

def npy(values):
    head = "{'descr': '<f8', 'fortran_order': False, 'shape': (%d,), }" % len(values)
    head += " " * (63 - (10 + len(head)) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + struct.pack("<%dd" % len(values), *values)

folder, steps = sys.argv[1], [int(s) for s in sys.argv[2:]]
os.makedirs(folder, exist_ok=True)
x = [i / 32 for i in range(32)]
wave = lambda a, b: [a * math.sin(2 * math.pi * v) + b * math.sin(6 * math.pi * v) for v in x]

def put(name, data, pieces):
    with open(os.path.join(folder, name), "wb") as f:
        for i in range(pieces):
            f.write(data[i * len(data) // pieces:(i + 1) * len(data) // pieces])
            f.flush()
            time.sleep(0.02 if pieces > 1 else 0)

if not os.path.exists(os.path.join(folder, "x.npy")):
    put("x.npy", npy(x), 3)
    put("y.npy", npy(wave(1, 1)), 3)
for i, s in enumerate(steps):
    data, name = npy(wave(1 - math.exp(-s / 100), 1 - math.exp(-s / 900))), "pred_%04d.npy" % s
    if i % 3 == 0: # in place, in pieces
        put(name, data, 5)
    elif i % 3 == 1: # to a neighbour that is then renamed
        put(name + ".tmp", data, 2)
        os.rename(os.path.join(folder, name + ".tmp"), os.path.join(folder, name))
    else: # a file that goes and comes again
        put(name, data[:90], 1)
        os.unlink(os.path.join(folder, name))
        put(name, data, 1)
PY
python=python3
steps=$(seq 0 50 1000)

# ---- while it is written, then the same files at once: the same bytes -------------------------------------------------
# shellcheck disable=SC2086
(sleep 0.3; "$python" write.py preds $steps; echo hello >preds/notes.txt) &
exits 0 "$fqp" watch preds --out live --text --idle 2s
says "frame 21  step 1000" out
says "note: notes.txt: ignored"
says "run directory: live, 21 frames" out
wait
exits 0 "$fqp" analyze --x preds/x.npy --y preds/y.npy --pred 'preds/pred_*.npy' --out once --quiet
for f in axis target valid selected prediction error; do
    same once/seed_0001/dft/$f.npy live/seed_0001/dft/$f.npy
done
same once/seed_0001/step.npy live/seed_0001/step.npy
same once/seed_0001/loss.npy live/seed_0001/loss.npy
for d in live once; do jq -S '[.probes, .sentence, .final]' $d/summary.json >$d.json; done
same live.json once.json
[ "$(jq -r .status live/manifest.json)" = done ] || fail "the manifest of what was watched is not done"
[ -s live/report.html ] || fail "no report.html"

# ---- on the second start; all at once ------------------------------------------------------------------------------------
exits 2 "$fqp" watch preds --out live --once
says "pass --resume or --replace"
"$python" write.py preds 1100
exits 0 "$fqp" watch preds --out live --once --resume --json
says '"frames": [' out
exits 0 "$fqp" watch preds --out live --once --replace
says "run directory: live, 22 frames" out
mkdir empty
cp preds/x.npy preds/y.npy empty
exits 3 "$fqp" watch empty --out none --once
says "no prediction that can be used is there (pred_*.npy)"
exits 3 "$fqp" watch nowhere --once
exits 3 "$fqp" watch nowhere/deep --text
says "cannot be watched"

# ---- what is no prediction, training that begins again -------------------------------------------------------------------
cp -r preds odd
printf '\x93NUMPY\x01\x00\x46\x00%-69s\n\x80\x03cposix\n' "{'descr': '|O', 'fortran_order': False, 'shape': (32,), }" >odd/pred_2000.npy
head -c 100 preds/pred_0050.npy >odd/pred_0050.npy
exits 0 "$fqp" watch odd --out odd-run --once
says "pred_2000.npy: npy header, byte 20: element type '|O': Python objects; save an array of numbers; left out"
says "pred_0050.npy: half-written"
exits 0 "$fqp" watch preds --out odd-run --replace --text --idle 3s &
sleep 1.2
cp preds/pred_0900.npy pred_0100.npy.tmp
mv pred_0100.npy.tmp preds/pred_0100.npy
wait
says "pred_0100.npy was written again with other values: training began again at step 100; from here on the run is odd-run-2, before it was odd-run"
[ "$(jq -r '.status' odd-run-2/manifest.json odd-run/manifest.json | sort -u)" = done ] || fail "a run of two is not done"

# ---- the door of the page --------------------------------------------------------------------------------------------------
# opened OPTIONS...: `fqp watch` with a page in the background; its address in $url
opened() {
    rm -f page.err
    "$fqp" watch preds --out page --replace --port 0 "$@" >page.out 2>page.err &
    watcher=$!
    for _ in $(seq 100); do
        url=$(sed -n 's/^live page: //p' page.err)
        [ -n "$url" ] && return 0
        sleep 0.05
    done
    fail "no live page: $(cat page.err)"
}
# code WANTED CURL-OPTIONS...: the answer's status; its body stays in the file body
code() {
    local want=$1 got
    shift
    got=$(curl -s -o body -w '%{http_code}' --max-time 5 "$@")
    [ "$got" = "$want" ] || fail "status $got, expected $want: $*"
}
opened
case $url in http://127.0.0.1:*) ;; *) fail "not on the loopback address: $url" ;; esac
port=${url##*:} port=${port%/}
code 200 "$url"
says "connect-src 'self';" body
for _ in $(seq 40); do
    code 200 "${url}data"
    [ "$(jq '.live.frames' body)" = 22 ] && break
    sleep 0.1
done
[ "$(jq '.live.frames, .runs[0].seeds[0].frames' body | tr '\n' ' ')" = "22 22 " ] || fail "the data have not all frames"
code 404 "${url}manifest.json"
code 404 --path-as-is "${url}../../etc/passwd"
code 405 -X POST -d x "${url}data"
code 405 -X DELETE "$url"
code 200 -I "$url"
code 403 -H 'Host: elsewhere.example' "$url"
code 200 -H 'Host: localhost:9999' "$url"
curl -sN --max-time 1 "${url}events" >events || true
says 'event: live' events
says '"frames":22' events
for address in $(hostname -I 2>/dev/null); do
    case $address in 127.* | *:*) continue ;; esac
    if curl -s -o /dev/null --max-time 2 "http://$address:$port/"; then fail "the page answers on $address"; fi
done
exits 2 "$fqp" watch preds --out other --port "$port"
says "port $port of 127.0.0.1 is in use; --port "
kill -TERM $watcher
wait $watcher || fail "ended by a signal with exit code $?"
says "report: page/report.html" page.out

opened --listen 127.0.0.1 --token 0123456789abcdef
code 401 "${url%%\?*}"
code 401 "${url%%\?*}?token=0123456789abcdeg"
code 401 "${url%%\?*}data?token=0123456789abcdef0"
code 200 "$url"
code 200 -H 'Authorization: Bearer 0123456789abcdef' "${url%%\?*}data"
kill -TERM $watcher
wait $watcher || fail "ended by a signal with exit code $?"

exits 2 "$fqp" watch preds --listen 0.0.0.0
says "others can reach 0.0.0.0: give a token of at least 16 characters (--token)"
exits 2 "$fqp" watch preds --listen 0.0.0.0 --token short
says "the token has 5 characters; it must have 16 to 128"
exits 2 "$fqp" watch preds --listen 0.0.0.0 --token 'with blanks in it & more'
says "letters, digits"
exits 2 "$fqp" watch preds --listen example.org --token 0123456789abcdef
says '"example.org" is no address'
exits 2 "$fqp" watch preds --port 70000
says 'is not a port'

# ---- a run that another process writes is only read --------------------------------------------------------------------------
SEEDS=1 STEPS=4000 RECORD=every:20 small >small.yaml
"$fqp" run small.yaml --out theirs --quiet --no-report &
runner=$!
exits 0 "$fqp" watch theirs --text
wait $runner || fail "the run that was watched failed"
says "step 4000" out
says "theirs was only read." out
[ ! -e theirs/report.html ] || fail "something was written into another's run"
before=$(ls -l --time-style=full-iso theirs)
exits 0 "$fqp" watch theirs --once
[ "$before" = "$(ls -l --time-style=full-iso theirs)" ] || fail "another's run was touched"
exits 2 "$fqp" watch theirs --x preds/x.npy --once
says "is a run directory, which knows its points"
finish
