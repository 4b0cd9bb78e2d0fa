#!/bin/sh
# No row of the packet core costs over 3 % more instructions than
# bench/instructions.txt says.
set -u
: "${CC:?}" "${PYTHON:?}" "${top_srcdir:?}" "${top_builddir:?}"
flags=$(sed -n 's/^CFLAGS = //p' "$top_builddir/Makefile")
case "$("$CC" --version | head -n 1)" in
*gcc*" 12."*) ;;
*)
    echo "1..0 # SKIP the counts are gcc 12's, this build is by $CC"
    exit 0
    ;;
esac
case " $flags " in
*" -O2 "*) ;;
*)
    echo "1..0 # SKIP the counts are those of -O2, this build has $flags"
    exit 0
    ;;
esac
if ! command -v valgrind >/dev/null; then
    echo "1..0 # SKIP valgrind is missing: apt install valgrind"
    exit 0
fi
exec "$PYTHON" "$top_srcdir/bench/core.py" "$top_builddir/bench/core" \
    --gate "$top_srcdir/bench/instructions.txt"
