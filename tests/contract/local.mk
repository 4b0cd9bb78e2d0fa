# Contracts as facts: headers, symbols, man pages, floors, what is linked, ABI.
EXTRA_DIST += tests/contract/common.py tests/contract/headers.py \
	tests/contract/enumerators.txt tests/contract/null_objects.h \
	tests/abi/liblvs.abi tests/abi/liblvs-director.abi
contract_tests = \
	tests/contract/test_abi.py \
	tests/contract/test_binaries.py \
	tests/contract/test_dist.py \
	tests/contract/test_enumerators.py \
	tests/contract/test_examples.py \
	tests/contract/test_headers.py \
	tests/contract/test_install.py \
	tests/contract/test_layers.py \
	tests/contract/test_man.py \
	tests/contract/test_process.py \
	tests/contract/test_python.py \
	tests/contract/test_style.py \
	tests/contract/test_symbols.py
dist_check_SCRIPTS += $(contract_tests) tests/contract/test_null.py
TESTS += tests/contract/test_null.py
# A sanitized library is another artefact: it links and exports more.
if !SANITIZED
TESTS += $(contract_tests)
endif

contract_environment = top_srcdir='$(abs_top_srcdir)' \
	top_builddir='$(abs_top_builddir)' CC='$(CC)' \
	PYTHONDONTWRITEBYTECODE=1

# What changed against the recorded ABI, in words; records it anew.
abi-check: $(lib_LTLIBRARIES)
	@$(contract_environment) $(PYTHON) $(srcdir)/tests/contract/test_abi.py
abi-update: $(lib_LTLIBRARIES)
	@for test in abi enumerators; do \
		$(contract_environment) $(PYTHON) \
			$(srcdir)/tests/contract/test_$$test.py --update || exit; \
	done

# Format, scripts, man pages.
lint:
	@for test in style man; do \
		$(contract_environment) $(PYTHON) \
			$(srcdir)/tests/contract/test_$$test.py | \
			grep -v '^ok'; \
	done
.PHONY: abi-check abi-update lint
