# The lab: a tool for people, a module for network tests.
EXTRA_DIST += tests/lab/lab tests/lab/lab.py tests/lab/tap.py \
	tests/lab/tools.py tests/lab/topology.py tests/lab/web.py
dist_check_SCRIPTS += tests/lab/test_lab.py tests/lab/test_demo.py
TESTS += tests/lab/test_lab.py tests/lab/test_demo.py
