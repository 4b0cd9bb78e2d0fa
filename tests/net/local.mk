# On real traffic, in the lab's namespaces.
dist_check_SCRIPTS += tests/net/test_hello.py
TESTS += tests/net/test_hello.py

dist_check_SCRIPTS += tests/net/method.py
dist_check_SCRIPTS += tests/net/test_lvsd.py tests/net/test_host.py \
	tests/net/test_latency.py tests/net/test_user.py
if WITH_DIRECTOR
if WITH_CONTROL
if WITH_EV
TESTS += tests/net/test_lvsd.py tests/net/test_host.py tests/net/method.py
# One measures; the other runs all unit tests once more, which takes a
# sanitized build ten minutes.
if !SANITIZED
TESTS += tests/net/test_latency.py tests/net/test_user.py
endif
endif
endif
endif

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
dist_check_SCRIPTS += tests/net/raw.py tests/net/direct.py \
	tests/net/homes.py tests/net/vanish.py tests/net/fragments.py \
	tests/net/rivals.py \
	tests/net/duplicate.py
EXTRA_DIST += tests/net/addresses.py tests/net/rawnet.py
if WITH_RAW
check_PROGRAMS += tests/net/lanes
tests_net_lanes_SOURCES = tests/net/lanes.c
tests_net_lanes_LDADD = liblvs.la
TESTS += tests/net/raw.py tests/net/direct.py tests/net/homes.py \
	tests/net/vanish.py \
	tests/net/fragments.py tests/net/duplicate.py
endif
# With lvsd.
if WITH_RAW
if WITH_CONTROL
if WITH_EV
TESTS += tests/net/rivals.py
endif
endif
endif
