# make bench: all of it. make bench-core: the packet core alone.
EXTRA_PROGRAMS =
check_PROGRAMS += bench/core
bench_core_SOURCES = bench/core.c
bench_core_LDADD = lib/libcore.la
EXTRA_DIST += bench/core.py bench/instructions.txt
CLEANFILES += bench/core.json bench/core.png

# Instructions per packet are a gate. They are gcc's at -O2: another build has
# others.
dist_check_SCRIPTS += bench/test_instructions.sh
if !SANITIZED
TESTS += bench/test_instructions.sh
endif

# ROUNDS=9 for figures to publish
ROUNDS = 5
bench-core: bench/core$(EXEEXT)
	$(PYTHON) $(srcdir)/bench/core.py bench/core$(EXEEXT) \
		--rounds $(ROUNDS) --json bench/core.json --png bench/core.png

# counts the instructions anew, after a change that is meant
bench-count: bench/core$(EXEEXT)
	$(PYTHON) $(srcdir)/bench/core.py bench/core$(EXEEXT) \
		--write $(srcdir)/bench/instructions.txt

# the largest configurations: what a change costs
if WITH_DIRECTOR
check_PROGRAMS += bench/scale
bench_scale_SOURCES = bench/scale.c bench/steps.c bench/steps.h
bench_scale_LDADD = liblvs-director.la liblvs.la
bench_scale_goal = bench-scale
endif
SCALE_ROUNDS = 3
bench-scale: bench/scale$(EXEEXT)
	bench/scale$(EXEEXT) $(SCALE_ROUNDS)

bench: bench-core $(bench_scale_goal)

.PHONY: bench bench-core bench-count bench-scale
include bench/wire/local.mk
