#!/usr/bin/env bash
# The installed library: pkg-config finds it, examples compile against it, shared and static, and run; C++ reads the headers.
. "$(dirname "$0")/lib.bash"
build=$2
cache() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }
cc=$(cache CMAKE_C_COMPILER)
flags=(-std=c17 -Wall -Wextra -Wpedantic -Werror)
sanitize=$(cache FQP_SANITIZE)
[ -z "$sanitize" ] || flags+=("-fsanitize=$sanitize")
[ "$(cache FQP_COVERAGE)" != ON ] || flags+=(--coverage)

exits 0 cmake --install "$build" --prefix "$work/usr"
mv "$work/usr" "$work/moved" # an installed tree may be moved
lib=$(dirname "$(find "$work/moved" -name 'libfqp.a')")
export PKG_CONFIG_PATH=$lib/pkgconfig LD_LIBRARY_PATH=$lib
read -ra shared <<<"$(pkg-config --cflags --libs fqp)"
read -ra static <<<"$(pkg-config --static --cflags --libs fqp)"

exits 0 "$cc" "${flags[@]}" "$top/examples/c/objective.c" "${shared[@]}" -lm -o shared
exits 0 ./shared
says "the solution is met to 0.000" out
cp out shared.out
exits 0 "$cc" "${flags[@]}" "$top/examples/c/objective.c" "${static[@]/#-lfqp/$lib/libfqp.a}" -o static
if ldd static | grep -q libfqp; then fail "libfqp was not linked statically"; fi
exits 0 ./static
same out shared.out
echo '#include <fqp.h>' | c++ -std=c++17 -Wall -Wextra -Wpedantic -Werror -fsyntax-only "${shared[@]}" -x c++ - ||
    fail "C++ cannot read the headers"
finish
