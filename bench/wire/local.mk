# make bench-wire: on the wire, beside kernel forwarding, nftables, HAProxy and
# nginx; needs root. WIRE=--full for figures to publish.
check_PROGRAMS += bench/wire/flood
EXTRA_LTLIBRARIES = bench/wire/manyaddr.la
CLEANFILES += bench/wire/manyaddr.la \
	bench/wire/wire.json bench/wire/wire.png
bench_wire_flood_SOURCES = bench/wire/flood.c
bench_wire_manyaddr_la_SOURCES = bench/wire/manyaddr.c
bench_wire_manyaddr_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
	-rpath $(abs_builddir)
EXTRA_DIST += bench/wire/measures.py bench/wire/paths.py \
	bench/wire/report.py bench/wire/wire.py docs/bench.md \
	docs/bench-wire.png

WIRE =
bench-wire: all bench/wire/flood$(EXEEXT) bench/wire/manyaddr.la
	$(PYTHON) $(srcdir)/bench/wire/wire.py --build . $(WIRE) \
		--json bench/wire/wire.json --png bench/wire/wire.png

bench: bench-wire
.PHONY: bench-wire

dist_check_SCRIPTS += bench/wire/test_wire.py
TESTS += bench/wire/test_wire.py
