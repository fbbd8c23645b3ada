#!/usr/bin/env bash
# fqp export --to vtk, xdmf, npy: what a run recorded over its points, read back without fqp.
. "$(dirname "$0")/lib.bash"
read="$top/tests/door/fields.py"
check() { # KIND FORMAT WORDS
    exits 0 "$fqp" export "$1" --to "$2" --out "$1-$2"
    exits 0 python3 "$read" "$2" "$1" "$1-$2"
    says "$3" out
}

for kind in grid masked space cloud; do
    python3 "$read" make "$kind" "$kind" || fail "cannot make $kind"
done
check grid vtk "ImageData 54"
check grid xdmf "3DCoRectMesh 54"
check grid npy "(3, 9, 6)"
check space vtk "ImageData 60"
check space xdmf "3DCoRectMesh 60"
check space npy "(3, 3, 4, 5)"
check masked vtk "UnstructuredGrid 48"
check masked xdmf "Quadrilateral 48"
check masked npy "(3, 48)"
check cloud vtk "UnstructuredGrid 40"
check cloud xdmf "Polyvertex 40"
[ "$(ls grid-vtk | wc -l)" = 4 ] || fail "files of a series"

# ---- a run without a problem ----
cat >plane.yaml <<YAML
run: {title: plane, seeds: 1}
data: {source: expr, target: ["sin(x)*cos(2*y)"], lower: [-1, 0], upper: [1, 2], n: [5, 4]}
model: {hidden: [8]}
train: {steps: 2}
monitor: {record: "every:1", predictions: true}
YAML
exits 0 "$fqp" run plane.yaml --out plane --no-report --quiet --set model.precision=f64
check plane vtk "ImageData 20"
check plane npy "(3, 5, 4)"
exits 0 "$fqp" export plane --to xdmf --json
[ "$(jq -r '[.out, .files] | join(" ")' out)" = "xdmf 4" ] || fail "what --json says"

# ---- what cannot be written ----
exits 3 "$fqp" export nowhere --to vtk
says "not a run directory"
exits 2 "$fqp" export plane --to vtq
says "vtk"
rm grid/seed_0001/prediction.npy
exits 3 "$fqp" export grid --to vtk
says "monitor.predictions: true"
printf x >file
exits 3 "$fqp" export masked --to vtk --out file/deep
finish
