#!/usr/bin/env bash
# The recipes that come with the program: each is listed and makes its data, or its equation is understood, under every
# condition; the register's claims of the regions that this version serves are all named.
. "$(dirname "$0")/lib.bash"
exits 0 "$fqp" list --json
grep -q "cannot be read" out && fail "a recipe cannot be read"
jq -r '.[].name' out >names
[ "$(wc -l <names)" -ge 9 ] || fail "recipes are missing"
understood() {
    if grep -q '^problem:' "recipes/$name.yaml"; then
        exits 0 "$fqp" solve "$1" --check --json
    else
        exits 0 "$fqp" data "$1" --json
    fi
}
while read -r name; do
    understood "$name"
    while read -r condition; do
        understood "$name:$condition"
    done < <(sed -n '/^conditions:/,/^[a-z]*:$/s/^  \([a-z_0-9]*\):.*/\1/p' "recipes/$name.yaml")
done <names

# ---- the bank of targets: listed with a line each, under names of their own, found by name by every command ----
exits 0 "$fqp" list targets --json
jq -r '.[].name' out >targets
[ "$(wc -l <targets)" = "$(ls recipes/targets/*.yaml | wc -l)" ] || fail "targets are missing"
[ "$(jq '[.[] | select(.about == "")] | length' out)" = 0 ] || fail "a target has no line"
[ -z "$(sort names targets | uniq -d)" ] || fail "recipe and target of one name: $(sort names targets | uniq -d)"
while read -r name; do
    exits 0 "$fqp" data "$name" --json
done <targets
exits 0 "$fqp" run two_waves --set train.steps=2 --out t --no-report --quiet
exits 2 "$fqp" compare two_wave
says 'did you mean "two_waves"?'

sed -n '/^  - id:/{s/.*id: //;h};/^    region: S[123467]$/{x;p}' recipes/claims.yaml | sort >wanted
ls recipes/*.yaml | grep -v claims.yaml | xargs grep -hoE '^  - id: .*' | sed 's/.*id: //' | sort >named
[ "$(wc -l <wanted)" -ge 80 ] || fail "claims are missing in the register"
comm -23 wanted named >missing
[ -s missing ] && fail "no recipe names: $(tr '\n' ' ' <missing)"
[ -z "$(uniq -d named)" ] || fail "named twice: $(uniq -d named)"
finish
