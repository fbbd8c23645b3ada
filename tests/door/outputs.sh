#!/usr/bin/env bash
# What a run leaves for other programs: log.jsonl, bands.csv, TensorBoard's event files; killed, resumed, exported,
# cited.
. "$(dirname "$0")/lib.bash"
events="$top/tests/door/tfevents.py"

STEPS=4000 small >run.yaml
exits 0 "$fqp" run run.yaml --out whole --set monitor.tensorboard=true --no-report --quiet
for seed in seed_0001 seed_0002; do
    [ "$(jq -s length whole/$seed/log.jsonl)" = 801 ] || fail "log.jsonl of $seed has not a line for every frame"
    jq -es 'map(.step) == [range(0; 4001; 5)]' whole/$seed/log.jsonl >/dev/null || fail "steps of the log"
    exits 0 python3 "$events" whole/$seed # every scalar against the series, both checksums, the image
    says " 1 1" out
done
[ "$(head -1 whole/bands.csv)" = seed,probe,bin,axis,wavenumber,step,seconds,error ] || fail "columns of bands.csv"
[ "$(jq .bands.rows whole/summary.json)" = $(($(wc -l <whole/bands.csv) - 1)) ] || fail "rows of bands.csv"

# ---- killed with half a line and half a record at the end, and gone on with ----
"$fqp" run run.yaml --out killed --set monitor.tensorboard=true --no-report --quiet >/dev/null 2>&1 &
pid=$!
wait_for killed/seed_0002/checkpoint.npz
kill -9 $pid 2>/dev/null || fail "the run had ended before it could be killed"
wait $pid 2>/dev/null
printf '{"step":3995,"epo' >>killed/seed_0001/log.jsonl
rm killed/seed_0002/log.jsonl
exits 0 "$fqp" run killed --resume --no-report --quiet
for seed in seed_0001 seed_0002; do
    jq -c 'del(.seconds)' whole/$seed/log.jsonl >a
    jq -c 'del(.seconds)' killed/$seed/log.jsonl >b
    same a b
    exits 0 python3 "$events" killed/$seed
    says " 1 2" out # one more file, what both tell is the run
done

# ---- killed between the last frame and the heat maps ----
cp -r whole late
python3 - late <<'PY'
import glob, json, struct, sys
for path in glob.glob(sys.argv[1] + "/seed_*/events*"):
    data, at, last = open(path, "rb").read(), 0, 0
    while at < len(data):
        last, at = at, at + 16 + struct.unpack("<Q", data[at:at + 8])[0]
    open(path, "wb").write(data[:last])
path = sys.argv[1] + "/manifest.json"
manifest = json.load(open(path)) | {"status": "running", "ended": []}
json.dump(manifest, open(path, "w"))
PY
exits 0 python3 "$events" late/seed_0002
says " 0 1" out
exits 0 "$fqp" run late --resume --no-report --quiet
exits 0 python3 "$events" late/seed_0002
says " 1 2" out

# ---- afterwards ----
exits 0 "$fqp" export whole --to tensorboard
says "2 files: tensorboard" out
exits 0 python3 "$events" whole/seed_0002 tensorboard/seed_0002
exits 0 "$fqp" export whole --to csv --out all.csv --bins all --json
[ "$(jq .rows out)" = $(($(wc -l <all.csv) - 1)) ] || fail "rows of all.csv"
exits 3 "$fqp" export nowhere --to csv
says "not a run directory"
exits 0 "$fqp" export whole --to csv --out same.csv
same same.csv whole/bands.csv

# ---- a folder of predictions, and a run that takes the place of one ----
exits 0 "$fqp" analyze --x whole/x.npy --y whole/y.npy --pred whole/seed_0001/prediction.npy --steps whole/seed_0001/step.npy --out analysed --set monitor.tensorboard=true --no-report
[ -s analysed/bands.csv ] && [ -s analysed/seed_0001/log.jsonl ] || fail "fqp analyze writes no table or log"
exits 0 python3 "$events" analysed/seed_0001
exits 0 "$fqp" run run.yaml --out whole --set train.steps=10 --set monitor.dft.floor=1e-6 --replace --no-report --quiet
exits 0 "$fqp" export whole --to csv --out all.csv --bins all
[ "$(wc -l <all.csv)" -gt "$(wc -l <whole/bands.csv)" ] || fail "--bins all brings no more bins"
[ "$(jq -s length whole/seed_0001/log.jsonl)" = 3 ] || fail "--replace left an old log"
ls whole/seed_0001/events* >/dev/null 2>&1 && fail "--replace left old events"

# ---- what to cite ----
exits 0 "$fqp" cite killed
says "@article{xu2020frequency," out
says "% train.optimizer: adam" out
exits 0 "$fqp" cite killed --set train.optimizer=gd --json
[ "$(jq -r '.references[] | select(.key == "kingma2015adam").why[0]' out)" = "train.optimizer: adam" ] || fail "a run is cited as it was"
exits 0 "$fqp" cite run.yaml --set train.optimizer=kfac --json
jq -e '[.references[].key] | index("martens2015optimizing") and (index("kingma2015adam") | not)' out >/dev/null || fail "--set is not cited"
exits 0 "$fqp" cite analysed --json # who trained it is not known
jq -e '[.references[].key] | index("xu2020frequency") and (index("kingma2015adam") | not)' out >/dev/null || fail "defaults of an analysis are cited"
exits 0 "$fqp" cite --method siren --text
says "arXiv:2006.09661" out
exits 0 "$fqp" cite --method help
says "kfac" out
exits 2 "$fqp" cite --method sirn
says 'did you mean "siren"?'
exits 2 "$fqp" cite nowhere
exits 2 "$fqp" cite killed --method siren
exits 0 "$fqp" report killed
grep -q xu2020frequency killed/report.html || fail "the page does not say how to cite"
finish
