#!/usr/bin/env bash
# Claims: one that holds, one that fails, one whose control does not do its duty, one that is not run.
. "$(dirname "$0")/lib.bash"
mkdir own
cat >own/claims.yaml <<'YAML'
version: 1
claims:
  - {id: good, statement: The low tone comes first., source: made up, kind: statistical, accept: {order: "t(1) < t(4)", need: 2/2}, trust: unchecked}
  - {id: number, statement: The gap lies in a range., source: made up, kind: statistical, accept: {range: [1, null]}, trust: unchecked}
  - {id: wrong, statement: The high tone comes first., source: made up, kind: statistical, accept: {range: [0, 1]}, trust: unchecked}
  - {id: lax, statement: Its control does not fail., source: made up, kind: exact, accept: {range: [0, 2]}, trust: unchecked}
  - {id: later, statement: Cannot be run., source: made up, kind: exact, accept: {range: [0, 1]}, trust: unchecked}
YAML
{ echo "recipe: {name: tiny, title: A tiny recipe}"; STEPS=3000 small | sed 's/predictions: true/stop_captured: true/'; cat <<'YAML'; } >own/tiny.yaml
presets: {smoke: {run.seeds: 1}}
conditions:
  single: {data.target: ["sin(x)"], run.seeds: 1}
claims:
  - {id: good, expect: "t(1) < t(4)", control: {stat: once, expect: "single.no_gap()"}}
  - {id: number, value: "gap()", control: [{expect: "synthetic_order(1, 3, 5) == -1"}, {expect: "t(1) < inf"}]}
  - {id: wrong, value: "gap()", control: {expect: "1"}}
  - {id: lax, stat: once, value: "phase_error(0)", control: {expect: "phase_error(1) > 1", says: it must see the shift}}
  - {id: later, not_run: the machine for it is not built}
YAML
export FQP_RECIPES=$work/own
exits 1 "$fqp" verify tiny --quiet
jq -e '.recipe == "tiny" and .preset == "full" and (.claims | length) == 5' runs/verify/tiny/claims.json >/dev/null || fail "claims.json"
check() { [ "$(jq -r ".claims[] | select(.id == \"$1\") | .$2" runs/verify/tiny/claims.json)" = "$3" ] || fail "$1: $2 is not '$3'"; }
check good verdict holds
check good control "fails as it should"
check number verdict holds
check wrong verdict fails
check wrong reason "outside the accepted range"
check lax verdict fails
check lax control "did not fail"
check lax reason "the control did not do what it must: it must see the shift"
check later verdict "not run"
check later reason "the machine for it is not built"
says "2 hold, 2 fail, 1 not run" out
same runs/verify/tiny/claims.json runs/verify/tiny/base/claims.json

# what is there is not run again
before=$(stat -c %Y runs/verify/tiny/base/seed_0001/checkpoint.npz)
exits 1 "$fqp" verify tiny --quiet --json --no-report
jq -e '.exit == 1 and .holds == 2 and .fails == 2 and .not_run == 1' out >/dev/null || fail "verify --json"
[ "$before" = "$(stat -c %Y runs/verify/tiny/base/seed_0001/checkpoint.npz)" ] || fail "a finished run was trained again"

# mistakes in a recipe, all at once, each with its place
sed 's/t(1) < t(4)/tt(1) < t(4)/; s/id: number/id: nomber/; s/single.no_gap/singel.no_gap/' own/tiny.yaml >own/broken.yaml
exits 2 "$fqp" verify broken --quiet
says "tt"
says "singel"
says 'the register has no claim "nomber"; did you mean "number"?'
exits 1 "$fqp" verify tiny --preset smoke --quiet --no-report
says "(preset smoke)" out
jq -e '.preset == "smoke"' runs/verify/tiny-smoke/claims.json >/dev/null || fail "smoke is not marked"
finish
