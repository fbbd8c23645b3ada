#!/usr/bin/env bash
# Seeds of one run are trained together; the files of each are those of a run of that seed alone.
. "$(dirname "$0")/lib.bash"

settings() { # NAME RECORD BATCH NOISE PRECISION, optimiser
    cat <<YAML
run: {title: $1}
data: {source: expr, target: ["sin(x) + 0.5*sin(4*x)"], lower: [-3.14], upper: [3.14], n: [65], noise: $4}
model: {hidden: [24, 24], activation: tanh, precision: $5}
train: {$6, steps: 600, batch: $3}
monitor: {probes: [dft, filter], record: "$2", predictions: true}
YAML
}
# Every file of a seed but the times (series seconds, checkpoint) is the same.
alike() { # DIR, DIR, SEED
    local file
    for file in "$1/$3"/*.npy "$1/$3"/*/*; do
        case $file in */seconds.npy | */x.npy | */y.npy) continue ;; esac
        same "$file" "$2/${file#"$1"/}"
    done
    [ "$(ls "$1/$3" | grep -v '^[xy].npy$')" = "$(ls "$2/$3" | grep -v '^[xy].npy$')" ] || fail "$1/$3 and $2/$3 hold other files"
}
ending() { jq -c ".ended[] | select(.seed == $2)" "$1/manifest.json"; } # DIR SEED
one_kind() { # NAME and further words of settings, EXIT CODE
    local name=$1 code=$7 n
    settings "$@" >"$name.yaml"
    exits "$code" "$fqp" run "$name.yaml" --out "$name" --seeds 4 --threads 2 --quiet --no-report
    [ "$(jq -c .seeds "$name/manifest.json")" = "[1,2,3,4]" ] || fail "$name: seeds of the manifest"
    [ "$(jq -c .plan.networks "$name/manifest.json")" = 4 ] || fail "$name: the four were not trained together"
    for n in 1 2 3 4; do
        "$fqp" run "$name.yaml" --out "$name-$n" --set run.seed=$n --quiet --no-report >/dev/null 2>&1
        alike "$name-$n" "$name" "seed_000$n"
        [ "$(ending "$name" $n)" = "$(ending "$name-$n" $n)" ] || fail "$name: seed $n ended $(ending "$name" $n), alone $(ending "$name-$n" $n)"
    done
}
adam="optimizer: adam, lr: 5e-3"
one_kind full every:7 0 0 f64 "$adam" 0
one_kind noisy log:20 16 0.1 f32 "$adam" 0
one_kind changing adaptive:0.1 0 0.1 f32 "$adam, stop_loss: 0.05" 0
one_kind wild every:1 0 0 f32 "optimizer: gd, lr: 4" 1
says "seed " # names who diverged
jq -e '[.ended[] | select(.why == "diverged")] | length > 0' wild/manifest.json >/dev/null || fail "no seed diverged"
jq -e '.plan | .path and .kernel and .threads and .bytes > 0 and .wave > 0' full/manifest.json >/dev/null || fail "no plan"

# some seeds finished, others never begun: resumed with more of them
settings more every:7 0 0 f64 "$adam" >more.yaml
exits 0 "$fqp" run more.yaml --out more --seeds 2 --quiet --no-report
exits 0 "$fqp" run more --resume --set run.seeds=4 --quiet --no-report
for n in 1 2 3 4; do alike full more "seed_000$n"; done

# interrupted together, at frames and between them; then one of them has lost its folder
settings broken every:7 0 0 f64 "$adam" | sed 's/steps: 600/steps: 60000, checkpoint_every: 0.05/' >broken.yaml
env --default-signal=INT "$fqp" run broken.yaml --out broken --seeds 4 --quiet --no-report >out 2>err &
pid=$!
wait_for broken/seed_0004/checkpoint.npz
kill -INT $pid
wait $pid
[ $? = 130 ] || fail "no interrupt"
says "steps of 4 networks; state saved in broken/seed_0001/checkpoint.npz and 3 more files"
jq -e '[.ended[].why] == ["interrupted", "interrupted", "interrupted", "interrupted"]' broken/manifest.json >/dev/null || fail "ended: $(jq -c .ended broken/manifest.json)"
rm -r broken/seed_0003
exits 0 "$fqp" run broken --resume --set train.steps=600 --quiet --no-report
exits 0 "$fqp" run broken.yaml --out whole --seeds 4 --set train.steps=600 --quiet --no-report
[ "$(jq '[.ended[].step] | max' broken/manifest.json)" -ge 600 ] || fail "resumed: $(jq -c .ended broken/manifest.json)"
alike whole broken seed_0003

# more threads than cores are accepted, and said
cores=$(jq .machine.cores full/manifest.json)
exits 0 "$fqp" run more.yaml --out crowd --threads $((cores + 3)) --no-report --set train.steps=50
says "run.threads: $((cores + 3)) threads take turns on $cores core"
jq -e ".machine.threads == $((cores + 3)) and .machine.cores == $cores" crowd/manifest.json >/dev/null || fail "threads and cores of the manifest"
jq -e '.warnings | any(test("threads took turns on"))' crowd/summary.json >/dev/null || fail "no warning of the crowd"
finish
