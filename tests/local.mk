# Every test speaks TAP, so that each fact is counted.
TEST_EXTENSIONS = .sh .py
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/tap-driver.sh
SH_LOG_DRIVER = $(LOG_DRIVER)
PY_LOG_DRIVER = $(LOG_DRIVER)
PY_LOG_COMPILER = $(PYTHON)
AM_TESTS_ENVIRONMENT = \
	top_srcdir='$(abs_top_srcdir)'; export top_srcdir; \
	top_builddir='$(abs_top_builddir)'; export top_builddir; \
	CC='$(CC)'; export CC; PYTHON='$(PYTHON)'; export PYTHON; \
	PYTHONDONTWRITEBYTECODE=1; export PYTHONDONTWRITEBYTECODE; \
	CK_TIMEOUT_MULTIPLIER='$(TEST_PATIENCE)'; \
	export CK_TIMEOUT_MULTIPLIER; $(TEST_ROUNDS)
# A sanitized program may take longer, in libcheck's 4 seconds a test too, and
# runs fewer rounds of what is random: it looks for what a round does to
# memory. LVS_TEST_ROUNDS of the caller's counts before ours.
if SANITIZED
TEST_PATIENCE = 10
TEST_ROUNDS = \
	LVS_TEST_ROUNDS="$${LVS_TEST_ROUNDS:-3000}"; export LVS_TEST_ROUNDS;
else
TEST_PATIENCE = 3
endif

include tests/unit/local.mk
include tests/config/local.mk
include tests/fixtures/local.mk
include tests/fuzz/local.mk
include tests/contract/local.mk
include tests/net/local.mk

# The tests by folder: make check-unit, check-contract, check-fixtures,
# check-net, and check-rest for all others. `make check` runs them all.
UNIT_TESTS = $(filter tests/unit/%,$(TESTS))
CONTRACT_TESTS = $(filter tests/contract/%,$(TESTS))
FIXTURE_TESTS = $(filter tests/fixtures/%,$(TESTS))
NET_TESTS = $(filter tests/net/% tests/lab/%,$(TESTS))
REST_TESTS = $(filter-out $(UNIT_TESTS) $(CONTRACT_TESTS) $(FIXTURE_TESTS) \
	$(NET_TESTS),$(TESTS))
check-unit:
	@$(MAKE) $(AM_MAKEFLAGS) check TESTS="$(UNIT_TESTS)"
check-contract:
	@$(MAKE) $(AM_MAKEFLAGS) check TESTS="$(CONTRACT_TESTS)"
check-fixtures:
	@$(MAKE) $(AM_MAKEFLAGS) check TESTS="$(FIXTURE_TESTS)"
check-net:
	@$(MAKE) $(AM_MAKEFLAGS) check TESTS="$(NET_TESTS)"
check-rest:
	@$(MAKE) $(AM_MAKEFLAGS) check TESTS="$(REST_TESTS)"
check-programs: $(check_PROGRAMS) $(check_LTLIBRARIES)
.PHONY: check-unit check-contract check-fixtures check-net check-rest \
	check-programs
include tests/lab/local.mk
