#!/usr/bin/env bash
# Help, man page, completion and reference come from the same tables: every option stands in all of them.
. "$(dirname "$0")/lib.bash"
exits 0 "$fqp" man
mv out fqp.1
exits 0 "$fqp" completion bash
mv out fqp.bash
exits 0 "$fqp" completion zsh
mv out _fqp
exits 0 "$fqp" reference cli
mv out cli.md
exits 0 "$fqp" reference config
says "train.lr" out || says "lr" out
bash -n fqp.bash || fail "the bash completion does not parse"
command -v zsh >/dev/null && { zsh -n _fqp || fail "the zsh completion does not parse"; }
command -v mandoc >/dev/null && { mandoc -T lint -W error fqp.1 || fail "mandoc finds errors"; }
for c in run fit compare predict analyze report verify list data ntk lfp layers eval export help version man completion reference; do
    exits 0 "$fqp" "$c" --help
    says "Example:" out
    exits 0 "$fqp" help "$c"
    grep -qF "fqp $c" fqp.1 || fail "fqp.1 misses $c"
    while read -r o; do
        [ "$o" = --help ] && continue
        for page in fqp.bash _fqp cli.md; do
            grep -qF -- "$o" "$page" || fail "$page misses $o of $c"
        done
    done < <("$fqp" "$c" --help | grep -oE -- '^ .*--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort -u)
done
# completion at work: commands, options, recipes
complete_words() {
    bash -c '. ./fqp.bash; PATH=$0:$PATH; shift 0; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _fqp; printf "%s\n" "${COMPREPLY[@]}"' \
        "$(dirname "$fqp")" "$@" 2>/dev/null
}
complete_words fqp ver | grep -x verify >/dev/null || fail "completion of a command"
complete_words fqp run --res | grep -x -- --resume >/dev/null || fail "completion of an option"
complete_words fqp run sines | grep -x sines_1d >/dev/null || fail "completion of a recipe"
complete_words fqp help train.l | grep -x train.lr >/dev/null || fail "completion of a key"
exits 0 "$fqp" help train.lr
says "Learning rate" out
NO_COLOR=1 "$fqp" --help | grep -q $'\033' && fail "colour in a pipe"
exits 2 "$fqp"
exits 0 "$fqp" --help
exits 0 "$fqp" --version
finish
