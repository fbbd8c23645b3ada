#!/usr/bin/env bash
# fqp layers: the numbers of a run's own looks from stored features, and what is refused.
. "$(dirname "$0")/lib.bash"
cat >make.py <<'PY'
import numpy as np
t = 2 * np.pi * np.arange(300) / 300
np.save("h1.npy", np.c_[np.cos(t), np.sin(t)])                 # a ring: cos(2t) is its second tone
np.save("h2.npy", 5 * np.c_[np.cos(2 * t), np.sin(2 * t)])     # wound twice: cos(2t) is the first one
np.save("y.npy", np.cos(2 * t) + 7)
np.save("short.npy", np.zeros((10, 2)))
np.save("flat.npy", np.ones(300))
PY
python3 -c 'import numpy' 2>/dev/null && python=python3 || python=/usr/bin/python3
$python make.py || fail "NumPy is needed"
exits 0 "$fqp" layers h1.npy h2.npy -y y.npy --save ratios.npz --json
jq -e '.layers[0].mean > 2 * .layers[1].mean and .layers[0].features == 2' out >/dev/null || fail "the wound ring is not lower"
$python - <<'PY' || fail "the stored ratios are not those of the closed form"
import numpy as np
r = np.load("ratios.npz")
s = np.linspace(0, np.pi, 4001)
for layer, tone in ((0, 2), (1, 1)):
    for i in range(0, 40, 3):                                  # up to 1/delta = 700 the 300 points resolve the filter
        w = np.exp(r["k"][i] * (np.cos(s) - 1))
        want = (np.trapz(w * np.cos(tone * s), s) / np.trapz(w, s)) ** 2
        if r["k"][i] < 700 and abs(r["lfr"][layer, i] - want) > 1e-6:
            raise SystemExit(f"layer {layer}, k {r['k'][i]}: {r['lfr'][layer, i]} instead of {want}")
PY
exits 0 "$fqp" layers h1.npy -y y.npy
says "h1.npy" out
exits 2 "$fqp" layers h1.npy
says "-y: the targets are needed"
exits 2 "$fqp" layers h1.npy -y y.npy --widths 2
says "--widths: 2 is outside 3 to 10000"
exits 3 "$fqp" layers short.npy -y y.npy
says "short.npy: 10 rows, the targets have 300"
exits 3 "$fqp" layers h1.npy -y flat.npy
says "the target is constant"
finish
