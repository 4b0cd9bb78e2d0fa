# On real traffic, in the lab's namespaces.
dist_check_SCRIPTS += tests/net/test_hello.py
TESTS += tests/net/test_hello.py

# In namespaces of their own making.
check_PROGRAMS += tests/net/bare
tests_net_bare_SOURCES = tests/net/bare.c
dist_check_SCRIPTS += tests/net/monitor.py tests/net/proxy.sh
TESTS += tests/net/monitor.py
if WITH_DIRECTOR
if WITH_EV
TESTS += tests/net/proxy.sh
endif
endif
