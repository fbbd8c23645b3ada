#!/usr/bin/env bash
# fqp advise: formulas, trials, what it writes and that this runs, the same steps twice, mistakes, a kill on the way.
. "$(dirname "$0")/lib.bash"

awk 'BEGIN { for (i = 0; i < 200; i++) print i / 199 }' >x.csv
awk 'BEGIN { for (i = 0; i < 200; i++) print sin(44 * i / 199) }' >y.csv
awk 'BEGIN { for (i = 0; i < 200; i++) print exp(-2 * (i / 99.5 - 1) ^ 2) }' >smooth.csv
awk 'BEGIN { for (i = 0; i < 200; i++) print i / 99.5 - 1 }' >wide.csv
awk 'BEGIN { print "P2\n32 32\n255"; for (i = 0; i < 32; i++) { for (j = 0; j < 32; j++)
    printf "%d ", 128 + 120 * sin(i / 1.5) * cos(j / 2.2); print "" } }' >wave.pgm

# ---- formulas alone ----
exits 0 "$fqp" advise --x x.csv --y y.csv --settings
says "sigma of Fourier features" out
says "arXiv 2006.09661" out
says "with inputs from -1 to 1" out
[ -e advice ] && fail "--settings wrote a directory"
exits 0 "$fqp" advise two_waves --settings --json
[ "$(jq '.advice.settings | length' out)" = 6 ] || fail "not six settings"

# ---- trials, and the advised network trained by what was written ----
exits 0 "$fqp" advise --x x.csv --y y.csv --steps 300 --quiet
says "its error at points held" out
says "fqp run advice/arrays/advice.yaml" out
[ "$(jq -r .status advice/arrays/advice.json)" = done ] || fail "advice.json is not done"
[ "$(jq '.answer.plain or .answer.error > 0.3' advice/arrays/advice.json)" = false ] || fail "seven waves need no remedy?"
exits 0 "$fqp" run advice/arrays/advice.yaml --out trained --no-report --quiet
[ "$(jq .config.train.steps trained/manifest.json)" = 300 ] || fail "advice.yaml has other steps"

# ---- the same steps say the same, for any number of threads; another target ----
exits 0 "$fqp" advise wave.pgm --steps 60 --out a --threads 1 --json --quiet
exits 0 "$fqp" advise wave.pgm --steps 60 --out b --threads 2 --json --quiet
for d in a b; do jq -c '[.candidates[] | {remedy, factor, setting, error, steps}]' $d/advice.json >$d.txt; done
same a.txt b.txt
exits 0 "$fqp" advise --x wide.csv --y smooth.csv --steps 500 --out smooth --quiet
says "A plain network is enough" out
exits 0 "$fqp" advise --x x.csv --y y.csv --time 1s --remedies finer,mscale --out timed --json
[ "$(jq '[.advice.candidates[].remedy] | unique | length' out)" = 3 ] || fail "not plain, finer and mscale"

# ---- mistakes ----
exits 2 "$fqp" advise --x x.csv
says "--y is missing"
exits 2 "$fqp" advise --x x.csv --y y.csv wave.pgm
says 'either --x and --y or "wave.pgm", not both'
exits 2 "$fqp" advise
says "a target is missing"
exits 2 "$fqp" advise two_wave --remedies sirn --time 0 --tolerance 2 # all at once
says 'no recipe "two_wave"; did you mean "two_waves"?'
says 'no remedy "sirn"; did you mean "siren"?'
says "must be above 0"
says 'no part of the target between 0 and 1'
exits 2 "$fqp" advise two_waves --remedies multistage --steps 50
says "trains by a plan of its own"
head -9 x.csv >few.csv
exits 3 "$fqp" advise --x few.csv --y few.csv
says "9 points are too few"
awk '{ print 3.25 }' x.csv >constant.csv
exits 3 "$fqp" advise --x x.csv --y constant.csv
says "y is 3.25 at all 200 points: there is nothing to learn"
sed '6s/.*/nan/' y.csv >nan.csv
exits 3 "$fqp" advise --x x.csv --y nan.csv
says "is not a number"
head -100 y.csv >short.csv
exits 3 "$fqp" advise --x x.csv --y short.csv
says "holds 100 rows for the 200 points of"

# ---- stopped on the way: what the trials said so far stays ----
"$fqp" advise --x x.csv --y y.csv --time 60s --out stopped --quiet >out 2>err &
pid=$!
wait_for stopped/advice.json # written after the first round
kill -TERM $pid
wait $pid
[ $? = 130 ] || fail "an interrupt does not end with 130"
[ "$(jq -r .status stopped/advice.json)" = interrupted ] || fail "the interrupt is not noted"
[ "$(jq '[.candidates[].error | numbers] | length' stopped/advice.json)" = 5 ] || fail "trials were lost"

finish
