# Fuzz targets. In most trees each runs once over its seeds. Configured by
#
#	CC=clang --enable-sanitize=address,undefined,fuzzer-no-link
#
# they are libFuzzer's: `make fuzz SECONDS=N` runs each for N seconds.
FUZZERS = tests/fuzz/packets
tests_fuzz_packets_SOURCES = tests/fuzz/packets.c tests/fuzz/fuzz.h
tests_fuzz_packets_LDADD = $(fuzz_main) lib/libcore.la
tests_fuzz_packets_LDFLAGS = $(fuzz_flags)

if WITH_DIRECTOR
FUZZERS += tests/fuzz/config tests/fuzz/rules
tests_fuzz_config_SOURCES = tests/fuzz/config.c tests/fuzz/fuzz.h
tests_fuzz_config_LDADD = $(fuzz_main) lib/libnode.la lib/libcore.la
tests_fuzz_config_LDFLAGS = $(fuzz_flags)
tests_fuzz_rules_SOURCES = tests/fuzz/rules.c tests/fuzz/fuzz.h
tests_fuzz_rules_LDADD = $(fuzz_main) lib/libnode.la lib/libcore.la
tests_fuzz_rules_LDFLAGS = $(fuzz_flags)
if WITH_CONTROL
FUZZERS += tests/fuzz/control
tests_fuzz_control_SOURCES = tests/fuzz/control.c tests/fuzz/fuzz.h
tests_fuzz_control_LDADD = $(fuzz_main) lib/libnode.la lib/libcore.la
tests_fuzz_control_LDFLAGS = $(fuzz_flags)
endif
endif

if FUZZED
fuzz_flags = $(AM_LDFLAGS) -fsanitize=fuzzer
else
fuzz_flags = $(AM_LDFLAGS)
fuzz_main = tests/fuzz/libreplay.la
check_LTLIBRARIES += tests/fuzz/libreplay.la
tests_fuzz_libreplay_la_SOURCES = tests/fuzz/replay.c
TESTS += $(FUZZERS)
endif
check_PROGRAMS += $(FUZZERS)
EXTRA_DIST += tests/fuzz/seeds

# What each finds is added to its corpus; what breaks it is left beside that.
SECONDS = 60
FUZZ = -max_total_time=$(SECONDS) -max_len=8192 -timeout=10 \
	-rss_limit_mb=1024 -print_final_stats=1
fuzz: $(FUZZERS)
if FUZZED
	@set -e; for target in $(FUZZERS); do \
		name=$${target##*/}; corpus=fuzz-corpus/$$name; more=; \
		mkdir -p $$corpus; \
		test $$name != config || more=$(top_srcdir)/tests/config/good; \
		echo "fuzz: $$name, $(SECONDS) s"; \
		$$target $(FUZZ) -artifact_prefix=fuzz-corpus/$$name- $$corpus \
			$(top_srcdir)/tests/fuzz/seeds/$$name $$more; \
	done
else
	@echo "fuzz: not here: configure with CC=clang" \
		"--enable-sanitize=address,undefined,fuzzer-no-link" >&2; exit 1
endif
.PHONY: fuzz
