# Floors 1 to 4 are libcore (into liblvs), floors 5 to 7 libnode (into
# liblvs-director). Both are archives with all symbols, which the tests link;
# the shared libraries export what their maps name.
noinst_LTLIBRARIES += lib/libcore.la
lib_libcore_la_SOURCES =
lib_libcore_la_LIBADD = $(MNL_LIBS)

include lib/base/local.mk
include lib/wire/local.mk
include lib/service/local.mk
include lib/conn/local.mk
include lib/forward/local.mk
include lib/sched/local.mk
include lib/backend/local.mk
include lib/monitor/local.mk

lib_LTLIBRARIES += liblvs.la
liblvs_la_SOURCES =
liblvs_la_LIBADD = lib/libcore.la
liblvs_la_LDFLAGS = $(AM_LDFLAGS) -version-info $(LIBLVS_VERSION_INFO) \
	-no-undefined -Wl,--version-script=$(srcdir)/lib/liblvs.map
EXTRA_liblvs_la_DEPENDENCIES = $(srcdir)/lib/liblvs.map

EXTRA_DIST += lib/LAYERS lib/liblvs.map
