#!/usr/bin/env bash
# Signals at the door: signals.sh FQP BUILD.  What `fqp data` shows and draws, and the PSNR of a run.
source "$(dirname "$0")/lib.bash"

{
    printf 'P2 24 24 255\n'
    for r in $(seq 24); do for c in $(seq 24); do printf '%d ' $((128 + 90 * ((r / 4 + c / 6) % 2) + r)); done; echo; done
} >a.pgm
cat >a.yaml <<'YAML'
data: {source: signal, file: a.pgm, hold: even}
model: {hidden: [16]}
train: {steps: 40, checkpoint_every: 0.02}
monitor: {probes: [radial], on: test, record: "every:10"}
YAML

exits 0 "$fqp" data a.yaml
says 'a.pgm, image of 24 x 24, 1 channel, 8 bit; samples 24 x 24 of 1 output, hold even' out
says '144 points, 2 inputs, 1 outputs, grid 12 x 12, 144 test points' out
says "Nyquist's frequency 0.5 cycles a sample; along the box 12 x 12 cycles" out
exits 0 "$fqp" data a.yaml --json
[ "$(jq '.signal.octaves | map(.share) | add | . * 1000 | round' out)" = 1000 ] || fail "shares of octaves do not add up"
exits 0 "$fqp" data a.yaml --out drawn --figures svg,png
for f in figure-1.svg figure-2.svg figure-1.png figure-2.png figures.json x.npy; do
    [ -s "drawn/$f" ] || fail "$f was not written"
done
exits 2 "$fqp" data a.yaml --figures svg
says '--figures needs the folder of --out'
exits 2 "$fqp" data sines_1d --figures svg --out no
says '--figures draws signals only'
exits 2 "$fqp" data a.yaml --figures bmp --out drawn
says 'unknown figure format "bmp"; known: svg pdf png'
exits 3 "$fqp" data a.yaml --set data.file=b.pgm
says 'data.file: there is no file "b.pgm"'

# the PSNR of every frame, also across an interruption
exits 0 "$fqp" run a.yaml --out whole --no-report
says 'PSNR ' out
exits 0 "$fqp" run a.yaml --out parts --no-report --set train.steps=20
exits 0 "$fqp" run parts --resume --no-report --set train.steps=40
same whole/seed_0001/psnr.npy parts/seed_0001/psnr.npy
finish
