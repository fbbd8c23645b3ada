#!/usr/bin/env bash
# fqp fit and fqp compare: a picture, a sound of a remedy, mistakes, a kill on the way, a comparison and its gallery.
. "$(dirname "$0")/lib.bash"

# 32 x 32 grey pixels of a wave, as text
awk 'BEGIN { print "P2\n32 32\n255"; for (i = 0; i < 32; i++) { for (j = 0; j < 32; j++)
    printf "%d ", 128 + 120 * sin(i / 3) * cos(j / 2.2); print "" } }' >wave.pgm

# ---- the table ----
exits 0 "$fqp" fit --remedy help
says "siren" out
says "2006.09661" out
exits 0 "$fqp" list remedies --json
rows=$(jq length out)
[ "$rows" -ge 20 ] || fail "$rows remedies are listed"

# ---- a picture for a second, and the same again from its config.yaml ----
exits 0 "$fqp" fit wave.pgm --time 1s --out photo --quiet
says "PSNR" out
says "photo/reconstruction.png" out
for f in fit.json manifest.json config.yaml report.html reconstruction.png seed_0001/function.fqp; do
    [ -s "photo/$f" ] || fail "photo/$f is missing"
done
[ "$(jq -r .ended photo/fit.json)" = seconds ] || fail "time did not end the fit"
[ "$(jq '.steps > 0 and .train.relative_l2 > 0 and .signal.psnr > 0' photo/fit.json)" = true ] || fail "nothing was measured"
[ "$(file -b --mime-type photo/reconstruction.png 2>/dev/null || echo image/png)" = image/png ] || fail "no PNG"

# what a fit is worth is judged after so many steps: a second is as many as the machine makes of it
exits 0 "$fqp" fit wave.pgm --steps 400 --out good --no-report --quiet
[ "$(jq '.ended == "steps" and .train.relative_l2 < 0.1 and .signal.psnr > 25' good/fit.json)" = true ] || fail "the fit is poor"

exits 0 "$fqp" fit wave.pgm --remedy siren --steps 60 --parameters 2000 --set train.lr=1e-3 --out a --no-report --quiet
exits 0 "$fqp" run a/config.yaml --out b --no-report --quiet
same a/seed_0001/loss.npy b/seed_0001/loss.npy
[ "$(jq '.config.train.lr == 0.001 and .remedy == "siren"' a/manifest.json)" = true ] || fail "--set or remedy is lost"
[ "$(jq '.parameters > 1800 and .parameters < 2200' a/fit.json)" = true ] || fail "the budget is missed"
exits 0 "$fqp" fit wave.pgm --remedy siren --steps 3 --out c --no-report --json
[ "$(jq -r '.fit.remedy' out)" = siren ] || fail "--json does not hold the fit"

# ---- a table, and an expression ----
awk 'BEGIN { srand(3); print "a,b,c"; for (i = 0; i < 200; i++) { x = rand(); y = rand(); print x "," y "," sin(6 * x) * y } }' >t.csv
exits 0 "$fqp" fit t.csv --steps 50 --out table --no-report --quiet
[ -s table/reconstruction.csv ] || fail "no reconstructed table"
exits 0 "$fqp" fit two_waves --remedy fourier --steps 50 --out expr --no-report --quiet
[ "$(jq '.test.points' expr/fit.json)" = 1201 ] || fail "test points are not measured"

# ---- mistakes ----
exits 2 "$fqp" fit wave.pgm --remedy sirn --steps 5 --out x
says 'no remedy "sirn"; did you mean "siren"?'
exits 2 "$fqp" fit wave.pgm --time 0s --out x
says "must be above 0"
exits 2 "$fqp" fit nothing.png --remedy sirn --time 0 --out x # all at once
says 'no remedy "sirn"; did you mean "siren"?'
says "must be above 0"
says "nothing.png: no such file"
exits 2 "$fqp" fit wave.pgm --time soon --out x
says '"soon" is no time'
exits 2 "$fqp" fit nothing.png --time 1s
exits 2 "$fqp" fit t.csv --remedy sobolev --steps 5 --out x
says "needs a regular grid"
head -c 100 wave.pgm >short.pgm
exits 3 "$fqp" fit short.pgm --steps 5 --out x
exits 2 "$fqp" fit wave.pgm --remedy siren --steps 5 --set model.omega0=nine --out x
says "--set, argument 1"
exits 0 "$fqp" fit wave.pgm --remedy fourier --steps 3 --set model.feature_sigma=500 --out far --no-report
says "above the Nyquist frequency"
[ ! -e x ] || fail "a refused fit left something behind"

# ---- a folder or a pipe called like a known signal or a target does not hide it; a file does ----
mkdir -p clash/astronaut clash/two_waves clash/data
cp wave.pgm clash/data/astronaut.png && mkfifo clash/camera
cp wave.pgm clash/data/camera.png && cp wave.pgm clash/chelsea
(
    cd clash || exit 1
    for name in astronaut camera chelsea two_waves; do
        "$fqp" fit $name --remedy plain --steps 2 --parameters 200 --no-report --quiet >/dev/null || exit 1
    done
) 2>err || { fail "a name is hidden"; cat err; }
[ "$(jq '.train.points' clash/fits/astronaut-plain/fit.json)" = 1024 ] || fail "not the signal of the name"
[ "$(jq '.train.points' clash/fits/chelsea-plain/fit.json)" = 1024 ] || fail "not the file"

# ---- killed on the way, gone on with ----
"$fqp" fit wave.pgm --remedy fourier --steps 3000 --set train.checkpoint_every=0.05 --out killed --no-report --quiet >/dev/null 2>&1 &
pid=$!
wait_for killed/seed_0001/checkpoint.npz
kill -9 $pid 2>/dev/null # where it was faster than we are, a finished fit is gone on with
wait $pid 2>/dev/null
exits 0 "$fqp" fit killed --resume --no-report --quiet
exits 0 "$fqp" fit wave.pgm --remedy fourier --steps 3000 --set train.checkpoint_every=0.05 --out whole --no-report --quiet
same killed/seed_0001/loss.npy whole/seed_0001/loss.npy
[ "$(jq -S '.train' killed/fit.json)" = "$(jq -S '.train' whole/fit.json)" ] || fail "a resumed fit differs"

# ---- a comparison: the same bits again, more seeds later, other settings refused ----
cat >waves.yaml <<'YAML'
run: {title: two waves}
data: {target: ["sin(4*x) + 0.5*sin(40*x)"], lower: [-1], upper: [1], n: [80], test_n: [161]}
monitor: {on: test, dft: {floor: 0.001}}
YAML
compare() { "$fqp" compare waves.yaml --remedies plain,fourier,siren --budget-parameters 1000 --steps 60 --quiet "$@"; }
exits 0 compare --seeds 2 --out contest
says "comes out best" out
[ "$(jq '[.remedies[].runs[].status] | map(select(. == "done")) | length' contest/compare.json)" = 6 ] || fail "runs are missing"
[ -s contest/report.html ] || fail "no page of the comparison"
exits 0 compare --seeds 2 --out again --no-report
[ "$(jq '[.remedies[] | [.name, .error]]' contest/compare.json)" = "$(jq '[.remedies[] | [.name, .error]]' again/compare.json)" ] ||
    fail "steps alone are not reproducible"
before=$(stat -c '%y %i' contest/runs/plain-1/fit.json)
exits 0 compare --seeds 3 --out contest --no-report
[ "$(stat -c '%y %i' contest/runs/plain-1/fit.json)" = "$before" ] || fail "a fit was made twice"
[ "$(jq '.remedies[0].runs | length' contest/compare.json)" = 3 ] || fail "the third seed is missing"
[ "$(jq '[.remedies[].rank] == [1, 2, 3] and .remedies[2].ratio > 1' contest/compare.json)" = true ] || fail "no ranking"
exits 2 compare --seeds 3 --steps 61 --out contest
says "holds a comparison with steps 60"
exits 2 "$fqp" compare waves.yaml --remedies plain,foureir,sirn --time 0 --out y
says "must be above 0"
says 'did you mean "siren"'
says 'did you mean "fourier"'
exits 0 "$fqp" compare t.csv --remedies plain,sobolev --steps 5 --seeds 1 --out left --no-report
says "left out: sobolev" out

# ---- a gallery ----
exits 0 "$fqp" compare --gallery contest left --out gallery.html
grep -q '"compare":\[' gallery.html || grep -q '"compare": *\[' gallery.html || fail "the gallery holds no comparison"
exits 2 "$fqp" compare --gallery contest table --out g2.html
says "table: holds no comparison"
finish
