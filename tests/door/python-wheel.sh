#!/usr/bin/env bash
# A wheel built without a network holds libfqp and is used from another folder; an editable install finds the tree.
. "$(dirname "$0")/python.bash"
for module in setuptools wheel pip venv; do
    has "$module" || skip "Python has no $module"
done

cp -r "$top/python" source
exits 0 with_numpy -m pip wheel --quiet --no-index --no-deps --no-build-isolation --wheel-dir wheels ./source
wheel=$(echo wheels/fqp-*-py3-none-*.whl)
[ -f "$wheel" ] || fail "no wheel for any Python 3: $(ls wheels)"
exits 0 with_numpy -m zipfile -l "$wheel"
for file in fqp/libfqp.so fqp/py.typed fqp/__init__.py fqp/integrations/torch.py; do
    says "$file " out
done

unset FQP_LIBRARY
exits 0 with_numpy -m venv --system-site-packages --without-pip venv
site=$(echo venv/lib/python3*/site-packages)
exits 0 with_numpy -m pip install --quiet --no-index --no-deps --target "$site" "$wheel"
mkdir elsewhere
cat >elsewhere/use.py <<'PY'
import numpy as np, fqp, sys
x = np.linspace(0, 1, 64, endpoint=False)
y = np.sin(2 * np.pi * x)
mon = fqp.Monitor(x, y)
for step in range(100):
    mon.observe(step, y * (1 - 0.9 ** step))
assert mon.crossings()[0].step == 22, mon.crossings()
assert mon.report("run.html").stat().st_size > 1e5
print(fqp._lib._name)
PY
cd elsewhere || exit 1
exits 0 ../venv/bin/python use.py
says site-packages/fqp/libfqp.so out
cd .. || exit 1

# In place, over a library in the tree's own build/release.
mkdir -p tree/build/release tree/include/fqp
cp -r "$top/python" tree/python
cp "$build/libfqp.so" tree/build/release/
exits 0 with_numpy -m pip install --quiet --no-index --no-deps --no-build-isolation --prefix here --ignore-installed \
    --no-warn-script-location -e tree/python
editable=$(find here -name '*fqp*.pth' -o -name '__editable__*.pth' | head -1)
[ -n "$editable" ] || fail "no editable install below here: $(find here)"
exits 0 with_numpy -c "import site, sys; site.addsitedir('$(dirname "$editable")'); import fqp; print(fqp._lib._name)"
says tree/build/release/libfqp.so out
rm tree/build/release/libfqp.so
exits 1 with_numpy -c "import site; site.addsitedir('$(dirname "$editable")'); import fqp"
says "libfqp was not found"
says "cmake --preset release"
finish
