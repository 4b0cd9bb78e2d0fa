# Contracts as facts: headers, symbols, man pages, floors, what is linked, ABI.
EXTRA_DIST += tests/contract/common.py tests/contract/headers.py \
	tests/contract/enumerators.txt
contract_tests = \
	tests/contract/test_headers.py \
	tests/contract/test_enumerators.py \
	tests/contract/test_layers.py
dist_check_SCRIPTS += $(contract_tests)
# A sanitized library is another artefact: it links and exports more.
if !SANITIZED
TESTS += $(contract_tests)
endif
