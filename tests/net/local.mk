# On real traffic, in the lab's namespaces.
dist_check_SCRIPTS += tests/net/test_hello.py
TESTS += tests/net/test_hello.py
