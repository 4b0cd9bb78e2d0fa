if WITH_RAW
if WITH_DIRECTOR
noinst_PROGRAMS += examples/hello
examples_hello_SOURCES = examples/hello.c
examples_hello_LDADD = liblvs-director.la liblvs.la
endif
noinst_PROGRAMS += examples/bounce
examples_bounce_SOURCES = examples/bounce.c
examples_bounce_LDADD = liblvs.la
endif
noinst_PROGRAMS += examples/watch
examples_watch_SOURCES = examples/watch.c
examples_watch_LDADD = liblvs.la
noinst_PROGRAMS += examples/affinity
examples_affinity_SOURCES = examples/affinity.c
examples_affinity_LDADD = liblvs.la
if WITH_DIRECTOR
if WITH_CONTROL
if WITH_EV
sbin_PROGRAMS += lvsd
lvsd_SOURCES = examples/lvsd.c examples/lvsd.h examples/daemon.c \
	examples/once.c examples/tell.c
if WITH_UNIT
systemdsystemunit_DATA = examples/lvsd.service
endif
lvsd_CFLAGS = $(AM_CFLAGS) -pthread
lvsd_LDADD = liblvs-director.la liblvs.la $(EV_LIBS) $(CAPNG_LIBS)
endif
sbin_PROGRAMS += lvsadm
lvsadm_SOURCES = examples/lvsadm.c
lvsadm_LDADD = liblvs-director.la liblvs.la
endif
endif
if WITH_DIRECTOR
if WITH_EV
noinst_PROGRAMS += examples/proxy
examples_proxy_SOURCES = examples/proxy.c
examples_proxy_LDADD = liblvs-director.la liblvs.la $(EV_LIBS)
endif
endif

# Where it is installed is known to make, not to configure.
examples/lvsd.service: examples/lvsd.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) examples && \
		$(SED) 's,@sbindir[@],$(sbindir),' \
		$(srcdir)/examples/lvsd.service.in >$@.new && mv $@.new $@
CLEANFILES += examples/lvsd.service
EXTRA_DIST += examples/lvsd.service.in

# To read and to copy.
exampledir = $(docdir)/examples
dist_example_DATA = examples/lvsd.conf examples/hello.c examples/pick.c \
	examples/affinity.c examples/watch.c examples/bounce.c examples/proxy.c

include examples/demo/local.mk
noinst_PROGRAMS += examples/pick
examples_pick_SOURCES = examples/pick.c
examples_pick_LDADD = liblvs.la
